import { counted, seconds } from '../status/ending.js'
import type { Output } from '../terminal/screen.js'
import { wrap, type Paint } from '../terminal/text.js'
import type { Rig } from './rig.js'
import { Missed, Scene } from './scene.js'
import { describeSettings, describeTerms } from './settings.js'
import { stages, type Outcome, type Stage } from './stages.js'
import type { Totals } from './traffic.js'

/** The result of one stage. */
export interface Result extends Outcome {
  readonly name: string
  readonly ok: boolean
  /** Messages of this stage only. */
  readonly totals: Totals
  readonly mostQueued: number
}

interface Column {
  readonly title: string
  readonly width: number
  readonly of: (result: Result) => string
}

const nothing = '-'

const time = (ms: number | undefined): string => (ms === undefined ? nothing : seconds(ms, 2))

const columns: readonly Column[] = [
  { title: 'detected', width: 10, of: ({ noticed }) => time(noticed) },
  { title: 'open again', width: 12, of: ({ openAgain }) => time(openAgain) },
  { title: 'sent', width: 6, of: ({ totals }) => String(totals.sent) },
  { title: 'echoed', width: 8, of: ({ totals }) => String(totals.echoed) },
  { title: 'queued', width: 8, of: ({ mostQueued }) => String(mostQueued) },
  { title: 'uncertain', width: 11, of: ({ totals }) => String(totals.uncertain) },
]

const nameWidth = 12
const markWidth = 6
const tableWidth = columns.reduce((sum, { width }) => sum + width, markWidth + nameWidth)

const row = (cells: (column: Column) => string): string =>
  columns.map((column) => cells(column).padStart(column.width)).join('')

/** The table's head. Empty if the terminal is too narrow for a table. */
export function head(width: number): string[] {
  if (width < tableWidth) return []
  return [''.padEnd(markWidth + nameWidth) + row(({ title }) => title)]
}

/** One result: a table row and a note. On a narrow terminal, a few short rows. */
export function describeResult(result: Result, width: number, paint: Paint): string[] {
  const { name, ok, note } = result
  const mark = paint((ok ? 'ok' : 'FAIL').padEnd(markWidth), ok ? 'good' : 'bad')
  const indented = (text: string): string[] => wrap(' '.repeat(markWidth) + text, width, markWidth)
  const notes = indented(note).map((each) => paint(each, ok ? 'faint' : 'bad'))
  if (width >= tableWidth) return [mark + name.padEnd(nameWidth) + row(({ of }) => of(result)), ...notes]
  // The times, if any, then the messages.
  const cells = [columns.slice(0, 2), columns.slice(2)].flatMap((group) => {
    const told = group.filter(({ of }) => of(result) !== nothing).map(({ title, of }) => `${title} ${of(result)}`)
    return told.length === 0 ? [] : indented(told.join(' '))
  })
  return [mark + name.slice(0, Math.max(0, width - markWidth)), ...cells, ...notes]
}

/** Sums up the tour. `total`: the number of stages. `took`: milliseconds. */
export function summary(results: readonly Result[], total: number, totals: Totals, took: number): string {
  const failed = results.find(({ ok }) => !ok)
  const left = total - results.length
  if (failed !== undefined) {
    const rest = left === 0 ? '' : ` ${left} of ${counted(total, 'stage')} ${left === 1 ? 'was' : 'were'} skipped.`
    return `FAILED after ${seconds(took)}, at '${failed.name}': ${failed.note}.${rest}`
  }
  const { sent, echoed, uncertain } = totals
  const stagesPassed = total === 1 ? 'The stage' : `All ${total} stages`
  return `${stagesPassed} passed in ${seconds(took)}: ${counted(sent, 'message')} sent, ${echoed} echoed, ${uncertain} uncertain.`
}

const difference = (now: Totals, before: Totals): Totals => ({
  sent: now.sent - before.sent,
  echoed: now.echoed - before.echoed,
  uncertain: now.uncertain - before.uncertain,
})

/** A stage that throws `Missed` is a failed result. Any other error is a defect of the lab, and is thrown. */
async function play(stage: Stage, scene: Scene, signal: AbortSignal): Promise<Result> {
  const { rig } = scene
  const before = rig.totals
  rig.mostQueued = 0
  const outcome = await stage.play(scene).then(
    (outcome) => ({ ok: true, ...outcome }),
    (error: unknown) => {
      if (error instanceof Missed) return { ok: false, note: error.message }
      throw error
    },
  )
  // Waits for the echoes of what the recovery sent, so that the numbers add up.
  if (outcome.ok) await rig.until(() => (rig.ledger.inFlight === 0 ? true : undefined), 1_000, signal)
  return { name: stage.name, ...outcome, totals: difference(rig.totals, before), mostQueued: rig.mostQueued }
}

export interface TourOptions {
  /** Limit per recovery. Milliseconds. */
  readonly deadline: number
  readonly signal: AbortSignal
  /** Called before each stage, with its number and name. */
  readonly playing: (place: string) => void
}

/** Runs the stages until one fails. Resolves to whether all passed. */
export async function tour(rig: Rig, output: Output, { deadline, signal, playing }: TourOptions): Promise<boolean> {
  output.say(
    `statewire lab, the tour: a connection to ${rig.server.url}, a server in this process that breaks on command.`,
  )
  for (const text of [describeSettings(), describeTerms()]) output.say(text, { tone: 'faint' })
  output.say('Times count from the fault; queued is the longest the queue has been.', { tone: 'faint' })
  output.print('', ...head(output.width))
  const results: Result[] = []
  for (const [at, stage] of stages.entries()) {
    playing(`${at + 1} of ${stages.length}: ${stage.name}`)
    const result = await play(stage, new Scene(rig, deadline, signal), signal)
    results.push(result)
    output.print(...describeResult(result, output.width, output.paint))
    // The next stages need a healthy link.
    if (!result.ok) break
  }
  const passed = results.every(({ ok }) => ok)
  output.print('')
  output.say(summary(results, stages.length, rig.totals, rig.now()), { tone: passed ? 'good' : 'bad' })
  return passed
}
