// What relay and viewer accept of messages from other programs and pages.

/** The deepest nesting that is accepted. `JSON.stringify` and structured clones recurse; their stacks end at several thousand levels. */
const deepest = 100

/** A flat cost for each value, besides the characters of texts and names. */
const costOfValue = 8

/**
 * Roughly how many characters a value has as JSON. `undefined` if it is nested too deeply, costs more than `most`, contains itself,
 * or cannot be JSON. Does not recurse.
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

/** When a message was made, in milliseconds since 1970. `undefined` if it does not say, or says a time after `latest`. */
export function timeOf(createdAt: unknown, latest: number): number | undefined {
  const time = typeof createdAt === 'string' && createdAt !== '' ? Number(createdAt) : createdAt
  return typeof time === 'number' && time >= 0 && time <= latest ? time : undefined
}
