/** An inspected snapshot. It contains only numbers, booleans and names, nothing secret. */
export interface InspectedSnapshot {
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  /** Required by XState's types; always `undefined`, because they could contain anything. */
  readonly output: undefined
  readonly error: undefined
  readonly value?: unknown
  readonly tags?: readonly string[]
  readonly context?: Readonly<Record<string, string | number | boolean>>
}

/** The parts of an actor that `@statelyai/inspect` and similar tools read. */
export interface InspectedActor {
  readonly id: string
  readonly sessionId: string
  /** The chart's definition; only the root actor has one. */
  readonly logic?: { readonly config: object }
  readonly _parent?: { readonly sessionId: string }
  /** Returns the snapshot taken when this object was created. */
  getSnapshot(): InspectedSnapshot
  /** Does nothing: inspectors can't send events. */
  send(): void
}

/** An event of the chart: its type, and fields that contain nothing secret. */
export interface InspectedEvent {
  readonly type: string
  readonly [field: string]: string | number | boolean
}

/** An event of XState's inspection protocol, reduced to an allow-list of fields. Any observer of that protocol accepts it. */
export type ConnectionInspection =
  | { readonly type: '@xstate.actor'; readonly rootId: string; readonly actorRef: InspectedActor }
  | {
      readonly type: '@xstate.event'
      readonly rootId: string
      readonly actorRef: InspectedActor
      readonly sourceRef: InspectedActor | undefined
      readonly event: InspectedEvent
    }
  | {
      readonly type: '@xstate.snapshot'
      readonly rootId: string
      readonly actorRef: InspectedActor
      readonly event: InspectedEvent
      readonly snapshot: InspectedSnapshot
    }

/**
 * Receives inspection events: a function, or an object with `next`, such as `createInspector(…).inspect` of `@statelyai/inspect`.
 */
export type InspectionObserver =
  ((event: ConnectionInspection) => void) | { readonly next?: ((event: ConnectionInspection) => void) | undefined }
