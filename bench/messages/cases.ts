export interface Case {
  readonly direction: 'receive' | 'send'
  /** Bytes: characters of ASCII where it is text. */
  readonly size: number
  readonly kind: 'text' | 'binary'
  /** How many in one turn of the sender's event loop. */
  readonly burst: number
  readonly deflate: boolean
  /** How many in one turn of the measurement. */
  readonly count: number
}

const sizes = [64, 1_024, 65_536] as const
const bursts = [1, 10, 100, 1_000] as const

/** Enough of them for some ten milliseconds of processor time, and never more than 8 MiB in one burst. */
function make(direction: Case['direction'], size: number, kind: Case['kind'], burst: number, deflate: boolean): Case[] {
  if (size * burst > 8 << 20) return []
  // A burst that is coalesced costs a tenth of what others do: enough of them that a turn is more than its beginning and end.
  const most = direction === 'send' && burst > 1 ? 20_000 : 5_000
  const wanted = Math.round(Math.min(most, (deflate ? 1e6 : 12e6) / (size + (deflate ? 1_500 : 0))))
  const count = Math.max(1, Math.round(wanted / burst)) * burst
  return [{ direction, size, kind, burst, deflate, count }]
}

/** Each dimension by itself, or (`full`) each with every other. */
export function cases(direction: Case['direction'], full: boolean): Case[] {
  const kinds = ['text', 'binary'] as const
  if (full) {
    return [false, true].flatMap((deflate) =>
      sizes.flatMap((size) =>
        kinds.flatMap((kind) => bursts.flatMap((burst) => make(direction, size, kind, burst, deflate))),
      ),
    )
  }
  return [
    ...bursts.flatMap((burst) => make(direction, 64, 'text', burst, false)),
    ...make(direction, 64, 'binary', 10, false),
    ...kinds.flatMap((kind) => make(direction, 1_024, kind, 10, false)),
    ...kinds.flatMap((kind) => make(direction, 65_536, kind, 10, false)),
    ...[64, 1_024, 65_536].flatMap((size) => make(direction, size, 'text', 10, true)),
  ]
}

const sizeNames: Readonly<Record<number, string>> = { 64: '64 B', 1_024: '1 kB', 65_536: '64 kB' }

export function describeCase({ direction, size, kind, burst, deflate }: Case): string {
  const many = burst === 1 ? 'one a turn' : `${burst} a turn`
  return `${direction} ${sizeNames[size] ?? `${size} B`} ${kind}, ${many}${deflate ? ', deflate' : ''}`
}
