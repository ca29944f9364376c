// Generated from connection.machine.ts by `npm run chart`; a test fails when it is stale. Change the chart, not this.

/** The configuration of the chart as XState has it, for inspectors of an engine that is not XState. */
export const definition: object = {
  id: 'connection',
  options: { maxIterations: 1000 },
  initial: 'closed',
  states: {
    closed: {
      tags: 'CLOSED',
      initial: 'idle',
      on: {
        OPEN: { target: 'live', actions: ['forgetFailures', { type: 'because', params: { why: 'open' } }] },
        RECONNECT: { target: 'live', actions: { type: 'because', params: { why: 'reconnect' } } },
        CLOSE: { target: '.ended', actions: { type: 'because', params: { why: 'close' } } },
      },
      states: {
        idle: {},
        deciding: {
          entry: ['countFailure', 'decideRetry'],
          on: {
            'policy.retry': { guard: 'current', target: 'backoff', actions: 'takeDecision' },
            'policy.stop': {
              guard: 'current',
              target: 'ended',
              actions: { type: 'because', params: { why: 'refused' } },
            },
          },
        },
        backoff: {
          initial: 'scheduled',
          on: {
            'environment.offline': {
              target: 'suspended',
              actions: ['takeWait', { type: 'because', params: { why: 'offline' } }],
            },
            'environment.bfcached': {
              target: 'suspended',
              actions: ['takeWait', { type: 'because', params: { why: 'bfcached' } }],
            },
          },
          states: {
            scheduled: {
              after: { wait: { target: '#connection.live', actions: { type: 'because', params: { why: 'retry' } } } },
              on: {
                'environment.online': { guard: 'ownDelay', target: 'hastened', actions: 'takeWait' },
                'environment.visible': { guard: 'ownDelay', target: 'hastened', actions: 'takeWait' },
                'environment.woke': { guard: 'ownDelay', target: 'hastened', actions: 'takeWait' },
                'environment.resume': { guard: 'ownDelay', target: 'hastened', actions: 'takeWait' },
              },
            },
            hastened: {
              after: { wait: { target: '#connection.live', actions: { type: 'because', params: { why: 'retry' } } } },
            },
          },
        },
        suspended: {
          after: { wait: { target: '#connection.live', actions: { type: 'because', params: { why: 'retry' } } } },
          on: {
            'environment.online': { target: 'backoff.hastened', actions: 'takeWait' },
            'environment.restored': { target: 'backoff.hastened', actions: 'takeWait' },
            'environment.bfcached': {
              target: 'suspended',
              reenter: true,
              actions: ['takeWait', { type: 'because', params: { why: 'bfcached' } }],
            },
          },
        },
        ended: {
          entry: 'settle',
          on: {
            CLOSE: {},
            RECONNECT: {
              target: '#connection.live',
              actions: ['forgetFailures', { type: 'because', params: { why: 'reconnect' } }],
            },
          },
        },
      },
    },
    live: {
      entry: 'nextGeneration',
      invoke: { id: 'socket', src: 'socket' },
      initial: 'connecting',
      on: {
        RECONNECT: { target: 'live', reenter: true, actions: { type: 'because', params: { why: 'reconnect' } } },
        CLOSE: { target: '.closing', actions: { type: 'because', params: { why: 'close' } } },
        'socket.closed': {
          guard: 'current',
          target: '#connection.closed.deciding',
          actions: { type: 'because', params: { why: 'closed' } },
        },
        'environment.bfcached': {
          target: '#connection.closed.suspended',
          actions: ['takeWait', { type: 'because', params: { why: 'bfcached' } }],
        },
      },
      states: {
        connecting: {
          tags: 'CONNECTING',
          initial: 'resolving',
          after: {
            connectTimeout: {
              target: '#connection.closed.deciding',
              actions: { type: 'because', params: { why: 'connect-timeout' } },
            },
          },
          on: {
            'environment.online': {
              guard: 'dialledOffline',
              target: '#connection.live',
              actions: { type: 'because', params: { why: 'online' } },
            },
          },
          states: {
            resolving: { on: { 'socket.resolved': { guard: 'current', target: 'handshaking' } } },
            handshaking: { on: { 'socket.opened': { guard: 'current', target: 'preparing' } } },
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
                    'environment.online': { guard: 'canPing', target: 'probing', actions: 'ping' },
                    'environment.offline': { guard: 'canPing', target: 'probing', actions: 'ping' },
                    'environment.visible': { guard: 'canPing', target: 'probing', actions: 'ping' },
                    'environment.resume': { guard: 'canPing', target: 'probing', actions: 'ping' },
                    'environment.woke': { guard: 'canPing', target: 'probing', actions: 'ping' },
                    'environment.restored': { guard: 'canPing', target: 'probing', actions: 'ping' },
                    'socket.resumed': { guard: 'canPingCurrent', target: 'probing', actions: 'ping' },
                  },
                },
                waiting: {
                  entry: 'watch',
                  after: {
                    timeout: [
                      { guard: 'paused', target: 'resting' },
                      { guard: 'moving', target: 'waiting', reenter: true },
                      { target: 'grace' },
                    ],
                  },
                  on: {
                    'socket.alive': { guard: 'current', target: 'resting' },
                    'environment.online': { guard: 'canPing', target: 'probing' },
                    'environment.offline': { guard: 'canPing', target: 'probing' },
                    'environment.visible': { guard: 'canPing', target: 'probing' },
                    'environment.resume': { guard: 'canPing', target: 'probing' },
                    'environment.woke': { guard: 'canPing', target: 'probing' },
                    'environment.restored': { guard: 'canPing', target: 'probing' },
                  },
                },
                probing: {
                  entry: 'watch',
                  after: {
                    probe: [
                      { guard: 'paused', target: 'resting' },
                      { guard: 'moving', target: 'probing', reenter: true },
                      { target: 'grace' },
                    ],
                  },
                  on: { 'socket.alive': { guard: 'current', target: 'resting' } },
                },
                grace: {
                  after: {
                    grace: [
                      { guard: 'paused', target: 'resting' },
                      {
                        target: '#connection.closed.deciding',
                        actions: { type: 'because', params: { why: 'heartbeat-timeout' } },
                      },
                    ],
                  },
                  on: { 'socket.alive': { guard: 'current', target: 'resting' } },
                },
              },
            },
            stability: {
              initial: 'settling',
              states: {
                settling: { after: { stableAfter: 'stable' }, on: { HEALTHY: 'stable' } },
                stable: { entry: 'forgetFailures' },
              },
            },
          },
        },
        closing: {
          tags: 'CLOSING',
          entry: 'startClosing',
          after: {
            closeTimeout: {
              target: '#connection.closed.ended',
              actions: { type: 'because', params: { why: 'close-timeout' } },
            },
          },
          on: {
            OPEN: {
              target: '#connection.live',
              actions: ['forgetFailures', { type: 'because', params: { why: 'open' } }],
            },
            CLOSE: {},
            'socket.closed': { guard: 'current', target: '#connection.closed.ended' },
            'environment.bfcached': { target: '#connection.closed.ended' },
          },
        },
      },
    },
  },
}
