type Fields = Readonly<Record<string, unknown>>

/** A message as viewers get it: with ids that no other application has. */
export type Message = Fields & { readonly type: string; readonly sessionId: string; readonly rootId: string }

/** What each kind may have besides what all have. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  '@xstate.actor': ['name', 'definition', 'snapshot', 'parentId'],
  '@xstate.event': ['event', 'sourceId'],
  '@xstate.snapshot': ['event', 'snapshot'],
  '@statewire.figures': ['every', 'figures'],
  '@statewire.occurrence': ['occurrence'],
  '@statewire.gone': [],
}

const common = ['type', 'createdAt', 'id', '_version']
const ids = ['sessionId', 'rootId', 'parentId', 'sourceId']
const longestId = 200

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * What an application sent, as viewers get it: a message of a known kind, rebuilt from the fields that the kind has, its ids made
 * those of this application. `undefined`: it is none. What is inside of the fields is not looked at.
 */
export function translate(text: string, application: string): Message | undefined {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isFields(given) || typeof given['type'] !== 'string' || !Object.hasOwn(kinds, given['type'])) return undefined
  const own = (id: string): string => `${application}/${id}`
  const message: Record<string, unknown> = {}
  for (const field of [...common, ...ids.slice(0, 2), ...kinds[given['type']]!]) {
    const value = given[field]
    if (value === undefined) continue
    if (!ids.includes(field)) message[field] = value
    else if (typeof value !== 'string' || value.length > longestId) return undefined
    else message[field] = own(value)
  }
  const { sessionId } = message
  if (sessionId === undefined) return undefined
  message['rootId'] ??= sessionId
  return message as Message
}

/** That an application has gone, and with it what it told of. */
export function goneMessage(id: string, now: number): Message {
  return { type: '@statewire.gone', sessionId: id, rootId: id, createdAt: String(now), id: null }
}
