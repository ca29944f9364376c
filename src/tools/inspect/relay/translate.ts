import { sizeOf, timeOf } from '../foreign.js'

type Fields = Readonly<Record<string, unknown>>

/** A message for viewers, with ids that are unique across applications. */
export type Message = Fields & { readonly type: string; readonly sessionId: string; readonly rootId: string }

/** The additional fields of each kind. */
const kinds: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['@xstate.actor', ['name', 'definition', 'snapshot', 'parentId']],
  ['@xstate.event', ['event', 'sourceId']],
  ['@xstate.snapshot', ['event', 'snapshot']],
  ['@statewire.figures', ['every', 'figures']],
  ['@statewire.occurrence', ['occurrence']],
  ['@statewire.gone', []],
])

const common = ['type', 'id', '_version']
const ids = ['sessionId', 'rootId', 'parentId', 'sourceId']
const longestId = 200

/** How far an application's clock may be ahead. Small, because both run on this machine. Milliseconds. */
const maxClockSkew = 5_000

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Parses an application's message: a known kind, rebuilt from its allowed fields, with ids made unique to the
 * application. A missing or future time becomes `now`. `undefined` if it is invalid or nested too deeply. The contents
 * of the fields are not inspected.
 */
export function translate(text: string, application: string, now: number): Message | undefined {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isFields(given)) return undefined
  const fields = kinds.get(given['type'])
  if (fields === undefined || sizeOf(given) === undefined) return undefined
  const own = (id: string): string => `${application}/${id}`
  const message: Record<string, unknown> = {}
  for (const field of [...common, ...ids.slice(0, 2), ...fields]) {
    const value = given[field]
    if (value === undefined) continue
    if (!ids.includes(field)) message[field] = value
    else if (typeof value !== 'string' || value.length > longestId) return undefined
    else message[field] = own(value)
  }
  const { sessionId } = message
  if (sessionId === undefined) return undefined
  message['rootId'] ??= sessionId
  message['createdAt'] = String(timeOf(given['createdAt'], now + maxClockSkew) ?? now)
  return message as Message
}

/** Creates the message that an application no longer reports this connection. */
export function goneMessage(id: string, now: number): Message {
  return { type: '@statewire.gone', sessionId: id, rootId: id, createdAt: String(now), id: null }
}
