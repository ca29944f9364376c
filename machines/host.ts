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
 * What the chart asks for: `dial` and `dispose` when the socket's actor starts and stops, the others by actions of these names.
 * `decideRetry` asks whether to try again; answer it with `policy.retry` or `policy.stop`.
 */
export type Effect = ChartEffect | 'dispose'

/** What the chart may ask its host: of the heartbeat, of the environment, and how long its timers run. Milliseconds. */
export type HostFacts = {
  readonly [F in Exclude<keyof ChartHost, 'connectTimeout' | 'toJSON'>]?: ChartHost[F]
} & {
  /** One deadline, or one for each number of failures. @default 10_000 */
  readonly connectTimeout?: number | ((failures: number) => number)
}

type Facts = Required<Omit<HostFacts, 'connectTimeout'>>

/** Those of a connection whose options are the defaults, over a transport that can ping. */
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

/** A host for the chart alone: its facts are properties that you set, and what the chart asks for is a list. Made by `createHost`. */
export interface RecordingHost extends HostState {
  /** For `createActor`, `initialTransition` and `getShortestPaths`. */
  readonly input: ConnectionInput
  /** The chart with effects that are recorded here, for `createActor`. As a pure function, `connectionMachine` does as well. */
  readonly machine: ConnectionMachine
  /**
   * What actors of `machine` have asked for, oldest first. `effects.splice(0)` takes it and empties it.
   * Trap: XState stops a child after the actions of the same step, so `dispose` stands behind them.
   */
  readonly effects: Effect[]
  connectTimeout(failures: number): number
  /** One word: an inspector sees it in the chart's context. */
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

/** The chart, whose effects are added to a list. */
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
 * Makes what the chart needs to run without a connection: to step through it, test against it or show it.
 *
 * No socket is opened and no policy is asked. You send the chart every event, those of the socket and the verdicts as well, with the
 * generation of its context: `actor.getSnapshot().context.gen`.
 *
 * @throws TypeError for a fact that does not exist.
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

/** The effects among the actions that `transition` and `initialTransition` of XState return, in order. Others, such as timers, are left out. */
export function effectsOf(executable: readonly { readonly type: string }[]): Effect[] {
  return executable.flatMap(({ type }): Effect[] => {
    if (type === 'xstate.spawnChild') return ['dial']
    if (type === 'xstate.stopChild') return ['dispose']
    return actions.filter((name) => name === type)
  })
}
