export interface Case {
  readonly direction: 'receive' | 'send'
  /** Bytes; ASCII characters for text. */
  readonly size: number
  readonly kind: 'text' | 'binary'
  /** Messages per turn of the sender's event loop. */
  readonly burst: number
  readonly deflate: boolean
  /** Messages per turn of the measurement. */
  readonly count: number
  /** The weight: how many times as often as others it is measured. */
  readonly weight: number
}

/** Which cases: each dimension alone, all combinations, a quick selection, or those with a goal. */
export type Choice = 'some' | 'all' | 'quick' | 'goals'

const sizes = [64, 1_024, 65_536] as const

/** The approximate cost for a bare socket, in nanoseconds. Only the length of a turn depends on it. */
function guess({ direction, size, burst, deflate }: Omit<Case, 'count' | 'weight'>): number {
  if (deflate) return 70_000 + size * 2
  if (direction === 'send') return 6_000 + size * 2
  return 350 + 9_000 / burst + size / 3
}

/** Enough for about ten milliseconds of processor time, and at most 8 MiB per burst. */
function make(direction: Case['direction'], size: number, kind: Case['kind'], burst: number, deflate: boolean): Case[] {
  if (size * burst > 8 << 20) return []
  const some = { direction, size, kind, burst, deflate }
  // A coalesced burst costs a fraction of others; its turn must be long enough to outweigh its start and end.
  const long = direction === 'send' && burst > 1 && !deflate && size <= 1_024
  // The cases with goals.
  const weight = size === 64 && kind === 'text' && !deflate ? 2 : 1
  return [{ ...some, weight, count: Math.max(1, Math.round((long ? 20e6 : 10e6) / guess(some) / burst)) * burst }]
}

/**
 * The server's delay between bursts, in microseconds: longer than the client needs for one, so that bursts do not
 * arrive together by chance.
 */
export function pause({ size, burst }: Case): number {
  return 40 + burst * (0.5 + size / 1_500)
}

const kinds = ['text', 'binary'] as const
const bursts = [1, 10, 100, 1_000] as const

function casesOf(direction: Case['direction'], choice: Choice): Case[] {
  const small = bursts.flatMap((burst) => make(direction, 64, 'text', burst, false))
  switch (choice) {
    case 'goals':
      return direction === 'send' ? small.filter(({ burst }) => burst < 1_000) : small
    case 'quick':
      return [...small, ...make(direction, 65_536, 'binary', 10, false), ...make(direction, 1_024, 'text', 10, true)]
    case 'some':
      return [
        ...small,
        ...make(direction, 64, 'binary', 10, false),
        ...[1_024, 65_536].flatMap((size) => kinds.flatMap((kind) => make(direction, size, kind, 10, false))),
        ...sizes.flatMap((size) => make(direction, size, 'text', 10, true)),
      ]
    case 'all':
      return [false, true].flatMap((deflate) =>
        sizes.flatMap((size) =>
          kinds.flatMap((kind) => bursts.flatMap((burst) => make(direction, size, kind, burst, deflate))),
        ),
      )
  }
}

/** `only`: the cases whose name contains this. */
export function cases(choice: Choice, only = ''): Case[] {
  return (['receive', 'send'] as const)
    .flatMap((direction) => casesOf(direction, choice))
    .filter((each) => describeCase(each).includes(only))
}

const sizeNames: Readonly<Record<number, string>> = { 64: '64 B', 1_024: '1 kB', 65_536: '64 kB' }

export function describeCase({ direction, size, kind, burst, deflate }: Case): string {
  const many = burst === 1 ? 'one per tick' : `${burst} per tick`
  return `${direction} ${sizeNames[size] ?? `${size} B`} ${kind}, ${many}${deflate ? ', deflate' : ''}`
}
