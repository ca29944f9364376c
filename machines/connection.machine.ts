import { assign, fromCallback, setup } from 'xstate'
import * as logic from './connection.logic.js'
import type {
  ConnectionContext,
  ConnectionEvent,
  ConnectionInput,
  ChartHost,
  ReadyStateTag,
  SocketInput,
  Why,
} from './connection.types.js'

/** A placeholder that `.provide()` replaces: the chart only names its effects. */
const stub = (): void => {}

/** Fails early with a clear error; otherwise the first guard or delay would fail with an obscure one. */
function portOf(input: Partial<ConnectionInput> | undefined): ChartHost {
  if (typeof input?.host === 'object') return input.host
  throw new TypeError('input.host (undefined) must be a chart host: pass { input: createHost().input }')
}

const chart = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- XState reads the types off it
  types: {} as {
    context: ConnectionContext
    events: ConnectionEvent
    input: ConnectionInput
    tags: ReadyStateTag
    children: { socket: 'socket' }
  },
  actors: {
    /** Lives as long as the state `live`: starting it dials, stopping it drops the socket. */
    socket: fromCallback<ConnectionEvent, SocketInput>(stub),
  },
  actions: {
    // Effects, done outside the chart after the turn.
    prepare: stub,
    announceOpen: stub,
    ping: stub,
    watch: stub,
    startClosing: stub,
    decideRetry: stub,
    settle: stub,
    // Updates of the context.
    nextGeneration: assign(logic.nextGeneration),
    because: assign(logic.because),
    countFailure: assign(logic.countFailure),
    forgetFailures: assign(logic.forgetFailures),
    saveCount: assign(logic.saveCount),
    takeDecision: assign(logic.takeDecision),
    takeWait: assign(logic.takeWait),
  },
  guards: {
    current: logic.current,
    ownDelay: logic.ownDelay,
    heard: logic.heard,
    paused: logic.paused,
    moving: logic.moving,
    canPing: logic.canPing,
    canPingCurrent: logic.canPingCurrent,
    dialledOffline: logic.dialledOffline,
  },
  delays: {
    wait: logic.wait,
    connectTimeout: logic.connectTimeout,
    closeTimeout: logic.closeTimeout,
    stableAfter: logic.stableAfter,
    checkInterval: logic.checkInterval,
    timeout: logic.timeout,
    probe: logic.probe,
    grace: logic.grace,
  },
})

const because = <W extends Why>(why: W) => ({ type: 'because' as const, params: { why } })

/** The network or page changed and no ping is pending: check the link. */
const probeNow = { guard: 'canPing', target: 'probing', actions: 'ping' } as const
/** The network or page changed while a ping is pending: its deadline gets shorter. */
const probeSooner = { guard: 'canPing', target: 'probing' } as const
const hasten = { guard: 'ownDelay', target: 'hastened', actions: 'takeWait' } as const
/** Silence proves nothing while reading is paused. */
const excused = { guard: 'paused', target: 'resting' } as const
/** Bytes still move, so the link is slow, not dead. */
const slow = <S extends 'waiting' | 'probing'>(target: S) => ({ guard: 'moving', target, reenter: true }) as const

/**
 * The connection as a statechart, described in `docs/ARCHITECTURE.md` and listed in `connection.md`.
 *
 * It decides and names effects; sockets, clocks and app code are handled elsewhere.
 */
export const connectionMachine = chart.createMachine({
  id: 'connection',
  // An endless loop becomes a handled error instead of a frozen tab.
  options: { maxIterations: 1000 },
  context: ({ input }) => ({
    host: portOf(input),
    gen: 0,
    failures: 0,
    wait: 0,
    hinted: false,
    lastCount: 0,
    why: 'new',
  }),
  initial: 'closed',
  states: {
    closed: {
      tags: 'CLOSED',
      initial: 'idle',
      on: {
        OPEN: { target: 'live', actions: ['forgetFailures', because('open')] },
        RECONNECT: { target: 'live', actions: because('reconnect') },
        CLOSE: { target: '.ended', actions: because('close') },
      },
      states: {
        idle: {},
        deciding: {
          entry: ['countFailure', 'decideRetry'],
          on: {
            'policy.retry': { guard: 'current', target: 'backoff', actions: 'takeDecision' },
            'policy.stop': { guard: 'current', target: 'ended', actions: because('refused') },
          },
        },
        backoff: {
          initial: 'scheduled',
          on: {
            'environment.offline': { target: 'suspended', actions: ['takeWait', because('offline')] },
            'environment.bfcached': { target: 'suspended', actions: ['takeWait', because('bfcached')] },
          },
          states: {
            scheduled: {
              after: { wait: { target: '#connection.live', actions: because('retry') } },
              on: {
                'environment.online': hasten,
                'environment.visible': hasten,
                'environment.woke': hasten,
                'environment.resume': hasten,
              },
            },
            hastened: {
              after: { wait: { target: '#connection.live', actions: because('retry') } },
            },
          },
        },
        suspended: {
          // `offline` is unreliable, so even this wait ends.
          after: { wait: { target: '#connection.live', actions: because('retry') } },
          on: {
            'environment.online': { target: 'backoff.hastened', actions: 'takeWait' },
            'environment.restored': { target: 'backoff.hastened', actions: 'takeWait' },
            'environment.bfcached': { target: 'suspended', reenter: true, actions: ['takeWait', because('bfcached')] },
          },
        },
        ended: {
          entry: 'settle',
          on: {
            CLOSE: {},
            RECONNECT: { target: '#connection.live', actions: ['forgetFailures', because('reconnect')] },
          },
        },
      },
    },
    live: {
      entry: 'nextGeneration',
      invoke: {
        id: 'socket',
        src: 'socket',
        input: logic.socket,
      },
      initial: 'connecting',
      on: {
        RECONNECT: { target: 'live', reenter: true, actions: because('reconnect') },
        CLOSE: { target: '.closing', actions: because('close') },
        'socket.closed': { guard: 'current', target: '#connection.closed.deciding', actions: because('closed') },
        'environment.bfcached': { target: '#connection.closed.suspended', actions: ['takeWait', because('bfcached')] },
      },
      states: {
        connecting: {
          tags: 'CONNECTING',
          initial: 'resolving',
          after: {
            connectTimeout: { target: '#connection.closed.deciding', actions: because('connect-timeout') },
          },
          on: {
            'environment.online': { guard: 'dialledOffline', target: '#connection.live', actions: because('online') },
          },
          states: {
            resolving: {
              on: { 'socket.resolved': { guard: 'current', target: 'handshaking' } },
            },
            handshaking: {
              on: { 'socket.opened': { guard: 'current', target: 'preparing' } },
            },
            preparing: {
              entry: 'prepare',
              on: { 'socket.prepared': { guard: 'current', target: '#connection.live.open' } },
            },
          },
        },
        open: {
          tags: 'OPEN',
          entry: 'announceOpen',
          type: 'parallel',
          states: {
            heartbeat: {
              initial: 'resting',
              states: {
                resting: {
                  entry: 'saveCount',
                  after: {
                    checkInterval: [
                      { guard: 'heard', target: 'resting', reenter: true },
                      { guard: 'paused', target: 'resting', reenter: true },
                      { target: 'waiting', actions: 'ping' },
                    ],
                  },
                  on: {
                    'environment.online': probeNow,
                    'environment.offline': probeNow,
                    'environment.visible': probeNow,
                    'environment.resume': probeNow,
                    'environment.woke': probeNow,
                    'environment.restored': probeNow,
                    'socket.resumed': { guard: 'canPingCurrent', target: 'probing', actions: 'ping' },
                  },
                },
                waiting: {
                  entry: 'watch',
                  after: { timeout: [excused, slow('waiting'), { target: 'grace' }] },
                  on: {
                    'socket.alive': { guard: 'current', target: 'resting' },
                    'environment.online': probeSooner,
                    'environment.offline': probeSooner,
                    'environment.visible': probeSooner,
                    'environment.resume': probeSooner,
                    'environment.woke': probeSooner,
                    'environment.restored': probeSooner,
                  },
                },
                probing: {
                  entry: 'watch',
                  after: { probe: [excused, slow('probing'), { target: 'grace' }] },
                  on: { 'socket.alive': { guard: 'current', target: 'resting' } },
                },
                grace: {
                  after: {
                    grace: [excused, { target: '#connection.closed.deciding', actions: because('heartbeat-timeout') }],
                  },
                  on: { 'socket.alive': { guard: 'current', target: 'resting' } },
                },
              },
            },
            stability: {
              initial: 'settling',
              states: {
                settling: {
                  after: { stableAfter: 'stable' },
                  on: { HEALTHY: 'stable' },
                },
                stable: { entry: 'forgetFailures' },
              },
            },
          },
        },
        closing: {
          tags: 'CLOSING',
          entry: 'startClosing',
          after: { closeTimeout: { target: '#connection.closed.ended', actions: because('close-timeout') } },
          on: {
            OPEN: { target: '#connection.live', actions: ['forgetFailures', because('open')] },
            CLOSE: {},
            'socket.closed': { guard: 'current', target: '#connection.closed.ended' },
            'environment.bfcached': { target: '#connection.closed.ended' },
          },
        },
      },
    },
  },
})

/** The chart's type. Inspectors show its snapshots. */
export type ConnectionMachine = typeof connectionMachine
