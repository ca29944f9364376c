import { initialTransition, transition, type SnapshotFrom } from 'xstate'
import { connectionMachine } from '../../machines/index.js'
import type { ConnectionEvent, ChartHost } from '../../machines/index.js'

// The chart as a pure function: no actor, no socket, no time. It returns a list of its effects.

export type Snapshot = SnapshotFrom<typeof connectionMachine>

/** The facts that guards read from the host. */
export interface Facts {
  readonly heard: boolean
  readonly paused: boolean
  readonly moving: boolean
  readonly canPing: boolean
  readonly dialledOffline: boolean
}

export const usual: Facts = { heard: false, paused: false, moving: false, canPing: true, dialledOffline: false }

const either = [false, true]

/** Every combination. */
export const allFacts: readonly Facts[] = either.flatMap((heard) =>
  either.flatMap((paused) =>
    either.flatMap((moving) =>
      either.flatMap((canPing) => either.map((dialledOffline) => ({ heard, paused, moving, canPing, dialledOffline }))),
    ),
  ),
)

/** The usual facts, and each of them inverted. */
export const oneFactEach: readonly Facts[] = [
  usual,
  { ...usual, heard: true },
  { ...usual, paused: true },
  { ...usual, moving: true },
  { ...usual, canPing: false },
  { ...usual, dialledOffline: true },
]

/** A host with the test's answers; no two delays are equal. */
export class FakeHost implements ChartHost {
  livenessCount = 0
  trafficCounts = true
  paused = false
  moving = false
  canPing = true
  dialledOffline = false
  checkInterval = 1_000
  timeout = 6_500
  probe = 5_000
  grace = 0
  closeTimeout = 2_000
  stableAfter = 1_000_000
  connectDeadline = 8_000

  connectTimeout(): number {
    return this.connectDeadline
  }

  set({ heard, ...facts }: Facts, lastCount: number): void {
    this.livenessCount = lastCount + (heard ? 1 : 0)
    Object.assign(this, facts)
  }

  toJSON(): string {
    return '[host]'
  }
}

/** The rest of an event whose delay runs in only one state. */
export type TimerEvent = { type: `xstate.after.${string}` }

export interface Timer {
  readonly id: string
  readonly delay: number
}

/** The result of an event. */
export interface Outcome {
  readonly snapshot: Snapshot
  /** In order: `dial` and `dispose` are the socket's start and stop, the others are the chart's own actions. */
  readonly effects: string[]
  readonly started: Timer[]
  readonly canceled: string[]
}

type Action = ReturnType<typeof transition>[1][number]

function outcomeOf([snapshot, actions]: readonly [Snapshot, readonly Action[]]): Outcome {
  const outcome: Outcome = { snapshot, effects: [], started: [], canceled: [] }
  for (const { type, params } of actions) {
    if (type === 'xstate.raise') outcome.started.push(params as Timer)
    else if (type === 'xstate.cancel') outcome.canceled.push((params as { sendId: string }).sendId)
    else if (type === 'xstate.spawnChild') outcome.effects.push('dial')
    else if (type === 'xstate.stopChild') outcome.effects.push('dispose')
    else outcome.effects.push(type)
  }
  return outcome
}

export function start(host: ChartHost = new FakeHost()): Outcome {
  return outcomeOf(initialTransition(connectionMachine, { host }))
}

/** One step of the chart. With `facts`, sets the host's answers first. */
export function step(snapshot: Snapshot, event: ConnectionEvent | TimerEvent, facts?: Facts): Outcome {
  const { host, lastCount: mark } = snapshot.context
  if (facts !== undefined) (host as FakeHost).set(facts, mark)
  return outcomeOf(transition(connectionMachine, snapshot, event as ConnectionEvent))
}

/** `backoff.scheduled`, `connecting.resolving`, `open (resting, settling)`. */
export function stateName({ value }: Pick<Snapshot, 'value'>): string {
  const inner: unknown = 'live' in value ? value.live : value.closed
  if (typeof inner === 'string') return inner
  const [[name, below] = ['', '']] = Object.entries(inner as Record<string, unknown>)
  if (typeof below === 'string') return `${name}.${below}`
  return `${name} (${Object.values(below as Record<string, string>).join(', ')})`
}

/** A state and the rest of the input of a transition, except the host's answers; growing numbers are folded. */
export function stateKey(snapshot: Snapshot): string {
  const { hinted, failures } = snapshot.context
  return `${stateName(snapshot)}${hinted ? ', hinted' : ''}${failures > 0 ? ', failed before' : ''}`
}

const socketEvents = [
  'socket.resolved',
  'socket.opened',
  'socket.prepared',
  'socket.alive',
  'socket.resumed',
  'socket.closed',
] as const
const signals = ['online', 'offline', 'visible', 'hidden', 'freeze', 'resume', 'woke', 'bfcached', 'restored'] as const

/** The delays, and the states that wait for them. */
export const timerIds = {
  wait: ['closed.backoff.scheduled', 'closed.backoff.hastened', 'closed.suspended'],
  connectTimeout: ['live.connecting'],
  closeTimeout: ['live.closing'],
  stableAfter: ['live.open.stability.settling'],
  checkInterval: ['live.open.heartbeat.resting'],
  timeout: ['live.open.heartbeat.waiting'],
  probe: ['live.open.heartbeat.probing'],
  grace: ['live.open.heartbeat.grace'],
} as const

export type Delay = keyof typeof timerIds

export const delays = Object.keys(timerIds) as Delay[]

/** The name of a column of the table. */
export type Column = ConnectionEvent['type'] | `after ${Delay}`

/** One possible event, with its generation and content. */
export interface Variant {
  readonly column: Column
  readonly event: ConnectionEvent | TimerEvent
  readonly current: boolean
}

/** All events in all their variants, for a chart at generation `gen`. */
export function variantsAt(gen: number): Variant[] {
  const variants: Variant[] = []
  const add = (event: ConnectionEvent, current = true): void =>
    void variants.push({ column: event.type, event, current })
  for (const type of ['OPEN', 'CLOSE', 'RECONNECT', 'HEALTHY'] as const) add({ type })
  // Older events come late; a newer one is impossible, and is ignored as well.
  for (const age of [0, -1, 1]) {
    const from = { gen: gen + age }
    for (const type of socketEvents) {
      add(type === 'socket.closed' ? { type, code: 1006, ...from } : { type, ...from }, age === 0)
    }
    add({ type: 'policy.stop', ...from }, age === 0)
    for (const hinted of either) add({ type: 'policy.retry', delay: 3_000, hinted, ...from }, age === 0)
  }
  for (const signal of signals) add({ type: `environment.${signal}`, wait: 500 })
  for (const delay of delays) {
    for (const id of timerIds[delay]) {
      const event = { type: `xstate.after.${delay}.connection.${id}` } as const
      variants.push({ column: `after ${delay}`, event, current: true })
    }
  }
  return variants
}

export const columns: readonly Column[] = [...new Set(variantsAt(1).map(({ column }) => column))]

/** A step on a path. */
export interface Step extends Variant {
  readonly facts: Facts
}

export interface Place {
  readonly snapshot: Snapshot
  /** A shortest path here. */
  readonly path: readonly Step[]
}

export interface Edge extends Step {
  readonly from: Place
  readonly outcome: Outcome
}

export interface Graph {
  readonly places: ReadonlyMap<string, Place>
  readonly edges: readonly Edge[]
}

export interface ExploreOptions {
  readonly from?: Place
  /** Steps to leave out. */
  readonly without?: (variant: Variant, gen: number) => boolean
  /** Steps at which a path ends. */
  readonly avoid?: (edge: Edge) => boolean
}

/** Walks the whole chart, breadth first. */
export function explore(facts: readonly Facts[] = oneFactEach, { from, without, avoid }: ExploreOptions = {}): Graph {
  const origin = from ?? { snapshot: start().snapshot, path: [] }
  const places = new Map([[stateKey(origin.snapshot), origin]])
  const edges: Edge[] = []
  for (const place of places.values()) {
    const { gen } = place.snapshot.context
    for (const variant of variantsAt(gen).filter((each) => without?.(each, gen) !== true)) {
      for (const each of facts) {
        const edge: Edge = { ...variant, facts: each, from: place, outcome: step(place.snapshot, variant.event, each) }
        edges.push(edge)
        const { snapshot } = edge.outcome
        const key = stateKey(snapshot)
        if (!places.has(key) && avoid?.(edge) !== true) {
          places.set(key, { snapshot, path: [...place.path, { ...variant, facts: each }] })
        }
      }
    }
  }
  return { places, edges }
}
