import { fromCallback } from 'xstate'
import { connectionMachine, type ConnectionMachine } from './connection.machine.js'
import type {
  Effect as ChartEffect,
  ConnectionEvent,
  ConnectionInput,
  ChartHost,
  SocketInput,
} from './connection.types.js'

/**
 * An effect of the chart: `dial` and `dispose` when the socket's actor starts and stops, the others by actions of these names.
 * `decideRetry` asks whether to retry; answer with the event `policy.retry` or `policy.stop`.
 */
export type Effect = ChartEffect | 'dispose'

/** The facts that the chart reads from its host: heartbeat, environment, and delays in milliseconds. */
export type HostFacts = {
  readonly [F in Exclude<keyof ChartHost, 'connectTimeout' | 'toJSON'>]?: ChartHost[F]
} & {
  /** The deadline of an attempt, or a function of the number of failures. @default 10_000 */
  readonly connectTimeout?: number | ((failures: number) => number)
}

type Facts = Required<Omit<HostFacts, 'connectTimeout'>>

/** The facts of a connection with default options, over a transport that can ping. */
const usual: Facts = {
  livenessCount: 0,
  trafficCounts: true,
  paused: false,
  moving: false,
  canPing: true,
  dialledOffline: false,
  checkInterval: 10_000,
  timeout: 10_000,
  probe: 5_000,
  grace: 0,
  closeTimeout: 2_000,
  stableAfter: 10_000,
}

type HostState = { -readonly [F in keyof Facts]: Facts[F] }

/** A host to run the chart without a connection: you set its facts and read its effects. Created by `createHost`. */
export interface RecordingHost extends HostState {
  /** The input for `createActor`, `initialTransition` and `getShortestPaths`. */
  readonly input: ConnectionInput
  /** The chart that records its effects here, for `createActor`. For pure transitions, `connectionMachine` suffices. */
  readonly machine: ConnectionMachine
  /**
   * The effects of actors of `machine`, oldest first. `effects.splice(0)` returns and clears them.
   *
   * XState stops a child after the actions of the same step, so `dispose` comes after them.
   */
  readonly effects: Effect[]
  /** The deadline of an attempt after this many failures. Milliseconds. */
  connectTimeout(failures: number): number
  /** Returns one word, which inspectors show in the chart's context. */
  toJSON(): string
}

const actions = [
  'prepare',
  'announceOpen',
  'ping',
  'watch',
  'startClosing',
  'decideRetry',
  'settle',
] as const satisfies readonly Effect[]

/** The chart that adds its effects to a list. */
function recording(effects: Effect[]): ConnectionMachine {
  const record = (name: Effect) => (): void => void effects.push(name)
  return connectionMachine.provide({
    actors: {
      socket: fromCallback<ConnectionEvent, SocketInput>(() => {
        effects.push('dial')
        return record('dispose')
      }),
    },
    actions: {
      prepare: record('prepare'),
      announceOpen: record('announceOpen'),
      ping: record('ping'),
      watch: record('watch'),
      startClosing: record('startClosing'),
      decideRetry: record('decideRetry'),
      settle: record('settle'),
    },
  })
}

/**
 * Creates a host to run the chart without a connection, to step through it, test it or display it.
 *
 * It opens no socket and calls no policy. You send all events yourself, including those of the socket and the retry decision, with the current
 * generation: `actor.getSnapshot().context.gen`.
 *
 * @throws TypeError for an unknown fact.
 */
export function createHost(facts: HostFacts = {}): RecordingHost {
  const { connectTimeout = 10_000, ...others } = facts
  for (const name of Object.keys(others)) {
    if (Object.hasOwn(usual, name)) continue
    const known = [...Object.keys(usual), 'connectTimeout'].join(', ')
    throw new TypeError(`createHost.${name} is not a fact: use one of ${known}`)
  }
  const effects: Effect[] = []
  const host: RecordingHost = {
    ...usual,
    ...others,
    connectTimeout: (failures) => (typeof connectTimeout === 'number' ? connectTimeout : connectTimeout(failures)),
    effects,
    machine: recording(effects),
    get input() {
      return { host: host }
    },
    toJSON: () => '[host]',
  }
  return host
}

/**
 * Extracts the effects, in order, from the actions that XState's `transition` and `initialTransition` return. Omits others, such as
 * timers.
 */
export function effectsOf(executable: readonly { readonly type: string }[]): Effect[] {
  return executable.flatMap(({ type }): Effect[] => {
    if (type === 'xstate.spawnChild') return ['dial']
    if (type === 'xstate.stopChild') return ['dispose']
    return actions.filter((name) => name === type)
  })
}
