import type { Link } from './jetstream-chain.js'
import type { Payload } from './store.js'

/**
 * A message in a stream. Its payload follows a header, `<kind> <number> <bytes before it> <epoch> <key>:` with numbers in base 36.
 *
 * `d`: text. `b`: binary. `m`: a mark, which carries the last number when all messages were dropped. `e`: the end of a session.
 */
export interface Entry {
  readonly kind: 'd' | 'b' | 'm' | 'e'
  readonly number: number
  readonly before: number
  readonly epoch: string
  readonly key: string
  readonly data: Buffer
  readonly seq: number
  /** The place of the entry before it. */
  readonly after: number
  readonly time: number
}

export function parse({ seq, after, body, time }: Link): Entry {
  const end = body.indexOf(58)
  const [kind, number = '', before = '', epoch = '', key = ''] = body.toString('latin1', 0, end).split(' ')
  return {
    kind: kind as Entry['kind'],
    number: Number.parseInt(number, 36),
    before: Number.parseInt(before, 36),
    epoch,
    key,
    data: body.subarray(end + 1),
    seq,
    after,
    time,
  }
}

export const payloadOf = ({ kind, data }: Entry): Payload => (kind === 'd' ? data.toString() : new Uint8Array(data))

/** The body of a link. */
export function encode({ kind, number, before, epoch, key, data }: Omit<Entry, 'seq' | 'after' | 'time'>): Uint8Array {
  const header = `${kind} ${number.toString(36)} ${before.toString(36)} ${epoch} ${key}:`
  return Buffer.concat([Buffer.from(header, 'latin1'), data])
}
