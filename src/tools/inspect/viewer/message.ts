import { sizeOf, timeOf } from '../foreign.js'

// What may be read of a received message. Nothing about its shape is trusted.

export type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

/** The part of a text that is stored and shown: at most 100 characters. */
export const brief = (value: unknown): string | undefined =>
  typeof value === 'string' ? value.slice(0, 100) : undefined

/** Characters, roughly. The relay forwards at most half of it. */
const longestMessage = 8_388_608
/** As long as the relay's ids: 200 characters of the application's own, and a prefix for the application. */
const longestId = 300

/** Size in characters. `undefined` if the value is not a message, or too large to save. */
export function sizeOfMessage(data: unknown): number | undefined {
  if (!isFields(data) || typeof data['type'] !== 'string' || typeof data['sessionId'] !== 'string') return undefined
  return data['sessionId'].length > longestId ? undefined : sizeOf(data, longestMessage)
}

export const isMessage = (data: unknown): data is Fields => sizeOfMessage(data) !== undefined

export const hour = 3_600_000
const year = 8_760 * hour

/** No recording is older. The test kit's clock starts here. */
const firstRecording = Date.UTC(2000, 0)

/** When a recorded message was made, in milliseconds since 1970; 0 if unknown. The recording machine's clock may be ahead. */
export function recordedAt({ createdAt }: Fields): number {
  const at = timeOf(createdAt, Date.now() + year) ?? 0
  return at < firstRecording ? 0 : at
}
