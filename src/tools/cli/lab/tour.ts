import type { Output } from '../terminal/screen.js'
import { describeResult, head, summary, type Result } from './report.js'
import type { Rig } from './rig.js'
import { Missed, Scene } from './scene.js'
import { describeSettings } from './settings.js'
import { stages, type Stage } from './stages.js'
import type { Totals } from './traffic.js'

const difference = (now: Totals, before: Totals): Totals => ({
  out: now.out - before.out,
  in: now.in - before.in,
  lost: now.lost - before.lost,
})

/** A stage that misses its promise is a result like any other; what else goes wrong is a defect, and thrown. */
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
  // What a recovery sent is on its way for a moment; counted here, it adds up.
  if (outcome.ok) await rig.until(() => (rig.ledger.away === 0 ? true : undefined), 1_000, signal)
  return { name: stage.name, ...outcome, totals: difference(rig.totals, before), mostQueued: rig.mostQueued }
}

export interface TourOptions {
  /** How long each recovery may take. Milliseconds. */
  readonly deadline: number
  readonly signal: AbortSignal
  /** Told which stage is about to be played. */
  readonly playing: (place: string) => void
}

/** Plays all stages, up to the first that fails. Resolves to whether all passed. */
export async function tour(rig: Rig, output: Output, { deadline, signal, playing }: TourOptions): Promise<boolean> {
  output.say(`statewire lab, the tour: a connection to ${rig.server.url}, a server in this process that fails as told.`)
  for (const text of describeSettings()) output.say(text, { tone: 'faint' })
  output.say('Times are from the strike; queued is the most that waited at once.', { tone: 'faint' })
  output.print('', ...head(output.width))
  const results: Result[] = []
  for (const [at, stage] of stages.entries()) {
    playing(`${at + 1} of ${stages.length}: ${stage.name}`)
    const result = await play(stage, new Scene(rig, deadline, signal), signal)
    results.push(result)
    output.print(...describeResult(result, output.width, output.paint))
    // The stages after it begin with a healthy link.
    if (!result.ok) break
  }
  const passed = results.every(({ ok }) => ok)
  output.print('')
  output.say(summary(results, stages.length, rig.totals, rig.now()), { tone: passed ? 'good' : 'bad' })
  return passed
}
