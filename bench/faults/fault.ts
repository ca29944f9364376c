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

/** What calls of `send` said, each answer once. */
export function answers(calls: readonly (() => unknown)[]): string {
  const said = calls.map((call) => {
    try {
      const answer = call()
      return answer === undefined ? 'nothing' : `\`${JSON.stringify(answer)}\``
    } catch {
      return 'a throw'
    }
  })
  return `told ${[...new Set(said)].join(' and ')}`
}
