/** Numbers, enumerations and ids: all that the chart has, and all that an inspector gets. */
export interface InspectedSnapshot {
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  /** XState's types want them; they may hold anything, so they never hold anything. */
  readonly output: undefined
  readonly error: undefined
  readonly value?: unknown
  readonly tags?: readonly string[]
  readonly context?: Readonly<Record<string, string | number | boolean>>
}

/** As much of an actor as `@statelyai/inspect` and its kind read. */
export interface InspectedActor {
  readonly id: string
  readonly sessionId: string
  /** The chart's definition; only the root actor has one. */
  readonly logic?: { readonly config: object }
  readonly _parent?: { readonly sessionId: string }
  /** The snapshot of the moment that this was made. */
  getSnapshot(): InspectedSnapshot
  /** Does nothing: who inspects only looks. */
  send(): void
}

export interface InspectedEvent {
  readonly type: string
  readonly [field: string]: string | number | boolean
}

/** XState's inspection protocol, with nothing in it that is not on the list; any observer of that protocol takes it. */
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

/** A function, or an object with `next`, such as `createInspector(…).inspect` of `@statelyai/inspect`. */
export type InspectionObserver =
  ((event: ConnectionInspection) => void) | { readonly next?: ((event: ConnectionInspection) => void) | undefined }
