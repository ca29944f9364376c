import type { Peer } from './peer.js'

/** A row: something that goes wrong, and what a peer makes of it. */
export interface Fault {
  /** For `--fault`. */
  readonly name: string
  readonly title: string
  /** The longest that it takes, in seconds. */
  readonly seconds: number
  /** The cell: a short fact. */
  run(peer: Peer): Promise<string>
}

/** The peer has no such thing. */
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

/** The outcomes of several calls, each once. */
export function outcome(answers: readonly string[]): string {
  const all = new Set(answers)
  const returned = [...all].filter((each) => each !== thrown)
  return [
    ...(returned.length > 0 ? [`returned ${returned.join(' and ')}`] : []),
    ...(all.has(thrown) ? [thrown] : []),
  ].join(' and ')
}
