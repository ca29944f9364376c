import { newEpoch } from './jetstream-api.js'
import { skewOf } from './jetstream-streams.js'
import type { JetStreamLog } from './jetstream-log.js'
import type { Meta } from './jetstream-metas.js'
import type { Claim, ClaimRequest, StoreEvents, StoreNode } from './store.js'

export type Over = Parameters<StoreEvents['ended']>[1]

/** Why a session is over; `undefined` if it isn't. */
export function whyOver(meta: Meta | undefined, { ttl, tombstone }: StoreNode): Over | undefined {
  if (meta === undefined) return 'unknown'
  const late = Date.now() - meta.x - skewOf(ttl)
  if (late > tombstone) return 'unknown'
  if (meta.s !== undefined) return meta.s
  return late > 0 ? 'expired' : undefined
}

/** What a claim returns, and what is stored before; `undefined` if nothing is. */
export async function decideClaim(
  given: Meta | undefined,
  { gen, rx, epoch, principal }: ClaimRequest,
  limits: StoreNode,
  log: JetStreamLog,
): Promise<readonly [Meta | undefined, Claim]> {
  const why = whyOver(given, limits)
  const x = Date.now() + limits.ttl
  if (given === undefined || why === 'unknown') {
    if (epoch !== '' || rx > 0) return [undefined, { status: 'unknown' }]
    const meta = { p: principal, g: gen, n: '', r: 0, e: newEpoch(), x, t: 0 }
    return [meta, { status: 'new', rx: 0, tail: 0, epoch: meta.e, owner: '', tried: 0, topics: [] }]
  }
  if (given.p !== principal) return [undefined, { status: 'forbidden' }]
  if (gen <= given.g) return [undefined, { status: 'superseded' }]
  const fenced = { ...given, g: gen }
  const tried = given.y ?? 0
  const isFree = given.n === ''
  const exact = isFree && tried <= given.r
  const isUnknown = exact || !isFree || tried >= Number.MAX_SAFE_INTEGER
  const handled = { rx: given.r, exact, tried: isUnknown ? undefined : tried }
  if (given.s !== undefined) return [fenced, { status: given.s, ...handled }]
  if (why !== undefined) return [fenced, { status: 'expired', ...handled }]
  if (epoch !== '' && epoch !== given.e) return [fenced, { status: 'store', ...handled }]
  const tail = await log.tail()
  if (rx > tail.number) return [fenced, { status: 'rewound', ...handled }]
  if (rx < tail.number && (await log.first(tail)) > rx + 1) return [fenced, { status: 'range', ...handled }]
  const resumed = { rx: given.r, tail: tail.number, epoch: given.e, owner: given.n, tried, topics: given.topics ?? [] }
  return [
    { ...fenced, x },
    { status: 'resumed', ...resumed },
  ]
}
