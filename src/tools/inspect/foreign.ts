// Messages between programs, pages, relay and viewers: validation and control messages.

/**
 * The maximum nesting depth. `JSON.stringify` and structured clone are recursive and overflow at several thousand
 * levels.
 */
const deepest = 100

/** A flat cost per value, in addition to the characters of strings and property names. */
const costOfValue = 8

/**
 * Estimates the number of characters of a value as JSON. `undefined` if it is nested too deeply, costs more than
 * `most`, is circular, or is not JSON. Not recursive.
 */
export function sizeOf(value: unknown, most = Infinity): number | undefined {
  let size = 0
  let level = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) return undefined
    const next: unknown[] = []
    for (const each of level) {
      size += costOfValue
      if (typeof each === 'string') size += each.length
      else if (typeof each === 'bigint') return undefined
      else if (Array.isArray(each)) {
        if (size + each.length * costOfValue > most) return undefined
        for (const inner of each) next.push(inner)
      } else if (typeof each === 'object' && each !== null) {
        for (const [name, inner] of Object.entries(each)) {
          size += name.length
          next.push(inner)
        }
      }
      // A value that contains itself several times grows with each level.
      if (size + next.length * costOfValue > most) return undefined
    }
    level = next
  }
  return size
}

/**
 * Returns the time of a message, in milliseconds since 1970; `undefined` if it is missing, invalid or after `latest`.
 */
export function timeOf(createdAt: unknown, latest: number): number | undefined {
  const time = typeof createdAt === 'string' && createdAt !== '' ? Number(createdAt) : createdAt
  return typeof time === 'number' && time >= 0 && time <= latest ? time : undefined
}

/** Sent by a viewer that is ready. The same type as Stately's. */
export const hello = '@statelyai.connected'
/** Sent by a viewer that is closed or left. */
export const goodbye = '@statewire.left'
/** Asks a viewer that was loaded earlier to send `hello` again. */
export const knock = '@statewire.knock'

/** Returns the type of a message, if it has one. */
export function wordOf(data: unknown): unknown {
  return typeof data === 'object' && data !== null ? (data as { type?: unknown }).type : undefined
}
