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

/** What a call of `send` said. */
export function answer(call: () => unknown): string {
  try {
    const said = call()
    return said === undefined ? 'nothing' : `\`${JSON.stringify(said)}\``
  } catch {
    return 'a throw'
  }
}

/** What several calls said, each answer once. */
export const told = (said: readonly string[]): string => `told ${[...new Set(said)].join(' and ')}`
