import fc from 'fast-check'
import { ConnectionGame } from './connection-game.js'
import { DropInGame } from './drop-in-game.js'
import { Escapes } from './escapes.js'
import type { Ledger } from './ledger.js'
import type { Mutant } from './mutants.js'
import { plans, type Plan, type Scene } from './plan.js'
import { RealGame } from './real-game.js'

export const subjects = ['connection', 'drop-in', 'sockets'] as const
export type Subject = (typeof subjects)[number]

export interface RunOptions {
  readonly subject: Subject
  readonly sequences: number
  readonly seed: number
  /** Replays one sequence. */
  readonly path?: string | undefined
  /** What is broken on purpose. */
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

interface Game {
  readonly breaches: readonly string[]
  readonly ledger: Ledger
  play(plan: Plan): Promise<void>
}

const games: Record<Subject, (scene: Scene, mutant: Mutant | undefined) => Game | Promise<Game>> = {
  connection: (scene, mutant) => new ConnectionGame(scene, mutant),
  'drop-in': (scene) => new DropInGame(scene),
  sockets: (scene) => RealGame.start(scene),
}

const longest = 40

/** Plays random sequences of calls. Rejects with the smallest that breaks something, its seed and its path. */
export async function run({ subject, sequences, seed, path, mutant, progress }: RunOptions): Promise<Figures> {
  const escapes = new Escapes()
  // What a listener of `error` throws, and a refusal that nothing listens for, are printed. Here there are thousands.
  const { error: print } = console
  console.error = () => {}
  const figures = { sequences: 0, steps: 0, messages: 0, sent: 0, dropped: 0, withdrawn: 0, refused: 0 }
  const play = async (plan: Plan): Promise<void> => {
    const game = await games[subject](plan.scene, mutant)
    await game.play(plan)
    const escaped = await escapes.take()
    const breaches = [...game.breaches, ...escaped.map((thrown) => `nobody caught ${describe(thrown)}`)]
    const { ledger } = game
    figures.steps += plan.steps.length
    figures.messages += ledger.size
    for (const fate of ['sent', 'dropped', 'withdrawn', 'refused'] as const) figures[fate] += ledger.count(fate)
    figures.sequences++
    progress?.(figures.sequences)
    if (breaches.length > 0) throw new Error([...new Set(breaches)].join('\n'))
  }
  try {
    await fc.assert(fc.asyncProperty(plans(longest), play), {
      numRuns: sequences,
      seed,
      // Over real sockets the same plan need not fail twice, so that there is no smaller one to look for.
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
