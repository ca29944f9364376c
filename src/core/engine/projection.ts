import type { InspectedEvent, InspectedSnapshot } from './inspection.types.js'

// The allow-list of inspection: output is rebuilt from fields that contain nothing secret.

const contextFields = ['gen', 'failures', 'wait', 'hinted', 'lastCount', 'why'] as const
const eventFields = ['gen', 'code', 'delay', 'hinted', 'wait'] as const

/** The listed fields, if they are primitive. */
function pick(source: object, fields: readonly string[]): Record<string, string | number | boolean> {
  const picked: Record<string, string | number | boolean> = {}
  for (const field of fields) {
    const value: unknown = (source as Record<string, unknown>)[field]
    if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') picked[field] = value
  }
  return picked
}

/** Copies a state value. React Native has no `structuredClone`. */
function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copy(inner)]))
}

/** The parts of any actor's snapshot that are read. */
export interface RawSnapshot {
  readonly status: InspectedSnapshot['status']
  readonly value?: unknown
  readonly tags?: Iterable<string> | undefined
  readonly context?: object | undefined
}

/** Only the status is shown of actors other than the chart: their `input` may be secret. */
export function projectSnapshot({ status, value, tags = [], context = {} }: RawSnapshot): InspectedSnapshot {
  const bare = { status, output: undefined, error: undefined }
  if (value === undefined) return bare
  return { ...bare, value: copy(value), tags: [...tags], context: pick(context, contextFields) }
}

export function projectEvent(event: { readonly type: string }): InspectedEvent {
  return { type: event.type, ...pick(event, eventFields) }
}
