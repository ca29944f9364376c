import fc from 'fast-check'
import { ConnectionRun } from './connection-run.js'
import { DropInRun } from './drop-in-run.js'
import { Escapes } from './escapes.js'
import type { MessageLog } from './message-log.js'
import type { Mutant } from './mutants.js'
import { plans, type Plan, type Scene } from './plan.js'
import { RealRun } from './real-run.js'

export const subjects = ['connection', 'drop-in', 'sockets'] as const
export type Subject = (typeof subjects)[number]

export interface RunOptions {
  readonly subject: Subject
  readonly sequences: number
  readonly seed: number
  /** Replays one sequence. */
  readonly path?: string | undefined
  /** The injected defect. */
  readonly mutant?: Mutant | undefined
  readonly progress?: (done: number) => void
}

export interface Figures {
  readonly sequences: number
  readonly steps: number
  readonly messages: number
  readonly sent: number
  readonly dropped: number
  readonly withdrawn: number
  readonly refused: number
}

interface ApiRun {
  readonly breaches: readonly string[]
  readonly messages: MessageLog
  play(plan: Plan): Promise<void>
}

const runs: Record<Subject, (scene: Scene, mutant: Mutant | undefined) => ApiRun | Promise<ApiRun>> = {
  connection: (scene, mutant) => new ConnectionRun(scene, mutant),
  'drop-in': (scene) => new DropInRun(scene),
  sockets: (scene) => RealRun.start(scene),
}

const longest = 40

/** Runs random sequences of calls. Rejects with the smallest failing one, its seed and its path. */
export async function run({ subject, sequences, seed, path, mutant, progress }: RunOptions): Promise<Figures> {
  const escapes = new Escapes()
  // The library prints errors from `error` listeners and unhandled refusals. This run causes thousands.
  const { error: print } = console
  console.error = () => {}
  const figures = { sequences: 0, steps: 0, messages: 0, sent: 0, dropped: 0, withdrawn: 0, refused: 0 }
  const play = async (plan: Plan): Promise<void> => {
    const run = await runs[subject](plan.scene, mutant)
    await run.play(plan)
    const escaped = await escapes.take()
    const breaches = [...run.breaches, ...escaped.map((thrown) => `uncaught ${describe(thrown)}`)]
    const { messages } = run
    figures.steps += plan.steps.length
    figures.messages += messages.size
    for (const fate of ['sent', 'dropped', 'withdrawn', 'refused'] as const) figures[fate] += messages.count(fate)
    figures.sequences++
    progress?.(figures.sequences)
    if (breaches.length > 0) throw new Error([...new Set(breaches)].join('\n'))
  }
  try {
    await fc.assert(fc.asyncProperty(plans(longest), play), {
      numRuns: sequences,
      seed,
      // Over real sockets the same plan need not fail twice, so shrinking makes no sense.
      endOnFailure: subject === 'sockets',
      ...(path !== undefined && { path }),
    })
    return figures
  } finally {
    console.error = print
    escapes.stop()
  }
}

function describe(thrown: unknown): string {
  return thrown instanceof Error ? String(thrown.stack) : typeof thrown
}
