import type { InspectedEvent, InspectedSnapshot } from './inspection.types.js'

// The allow-list of inspection: what is shown is rebuilt from fields that hold nothing secret.

const contextFields = ['gen', 'failures', 'wait', 'hinted', 'lastCount', 'why'] as const
const eventFields = ['gen', 'code', 'delay', 'hinted', 'wait'] as const

/** The listed fields, where they hold nothing that could carry more than it says. */
function pick(source: object, fields: readonly string[]): Record<string, string | number | boolean> {
  const picked: Record<string, string | number | boolean> = {}
  for (const field of fields) {
    const value: unknown = (source as Record<string, unknown>)[field]
    if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') picked[field] = value
  }
  return picked
}

/** A state by its name, or states of states. React Native has no `structuredClone`. */
function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copy(inner)]))
}

/** As much of a snapshot of any actor as is looked at. */
export interface RawSnapshot {
  readonly status: InspectedSnapshot['status']
  readonly value?: unknown
  readonly tags?: Iterable<string> | undefined
  readonly context?: object | undefined
}

/** An actor that is no chart has a status and, in `input`, what it was started with: only the status is shown. */
export function projectSnapshot({ status, value, tags = [], context = {} }: RawSnapshot): InspectedSnapshot {
  const bare = { status, output: undefined, error: undefined }
  if (value === undefined) return bare
  return { ...bare, value: copy(value), tags: [...tags], context: pick(context, contextFields) }
}

export function projectEvent(event: { readonly type: string }): InspectedEvent {
  return { type: event.type, ...pick(event, eventFields) }
}
