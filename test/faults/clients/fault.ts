import type { Peer } from './peer.js'

/** A row: a fault, and how a peer reacts to it. */
export interface Fault {
  /** For `--fault`. */
  readonly name: string
  readonly title: string
  /** The maximum duration, in seconds. */
  readonly seconds: number
  /** The cell text. */
  run(peer: Peer): Promise<string>
}

/** The peer has no such feature. */
export const none = '–'

export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`
export const counted = (count: number, what: string): string =>
  `${count.toLocaleString('en-GB')} ${what}${count === 1 ? '' : 's'}`

const thrown = 'threw'

/** What a call of `send` returned, or that it threw. */
export function answer(call: () => unknown): string {
  try {
    const said = call()
    return said === undefined ? 'nothing' : `\`${JSON.stringify(said)}\``
  } catch {
    return thrown
  }
}

/** The distinct results of several calls. */
export function outcome(answers: readonly string[]): string {
  const all = new Set(answers)
  const returned = [...all].filter((each) => each !== thrown)
  return [
    ...(returned.length > 0 ? [`returned ${returned.join(' and ')}`] : []),
    ...(all.has(thrown) ? [thrown] : []),
  ].join(' and ')
}
