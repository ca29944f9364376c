// Generated from connection.machine.ts by `npm run chart`; a test fails when it is stale. Change the chart, not this.
import {
  canPing,
  canPingCurrent,
  checkInterval,
  closeTimeout,
  connectTimeout,
  countFailure,
  current,
  dialledOffline,
  forgetFailures,
  grace,
  heard,
  moving,
  nextGeneration,
  ownDelay,
  paused,
  probe,
  saveCount,
  socket,
  stableAfter,
  takeDecision,
  takeWait,
  timeout,
  wait,
} from './connection.logic.js'
import type { Delays, Entries, Events, Tags } from './table.types.js'

/** The names of the states in document order. The place of a state is its number, and its bit in a mask. */
export const names =
  'connection closed idle deciding backoff scheduled hastened suspended ended live connecting resolving handshaking preparing open heartbeat resting waiting probing grace stability settling stable closing'

/** The number of the state around each. */
export const parents = [-1, 0, 1, 1, 1, 4, 4, 1, 1, 0, 9, 10, 10, 10, 9, 14, 15, 15, 15, 15, 14, 20, 20, 9] as const

/** The states that are active at first. */
export const initial = 7

export const tags: Tags = { CLOSED: 2, CONNECTING: 1024, OPEN: 16384, CLOSING: 8388608 }

/** The actor lives as long as this state. */
export const invoking = 512

/** What the actor is started with. */
export { socket as input }

export const entries: Entries = {
  3: [countFailure, 'decideRetry'],
  8: ['settle'],
  9: [nextGeneration],
  13: ['prepare'],
  14: ['announceOpen'],
  16: [saveCount],
  17: ['watch'],
  18: ['watch'],
  22: [forgetFailures],
  23: ['startClosing'],
}

export const delays: Delays = {
  5: [wait, [[5, 0, 50, 3584, { why: 'retry' }]]],
  6: [wait, [[6, 0, 82, 3584, { why: 'retry' }]]],
  7: [wait, [[7, 0, 130, 3584, { why: 'retry' }]]],
  10: [connectTimeout, [[10, 0, 15872, 10, { why: 'connect-timeout' }]]],
  16: [
    checkInterval,
    [
      [16, heard, 65536, 65536],
      [16, paused, 65536, 65536],
      [16, 0, 65536, 131072, 'ping'],
    ],
  ],
  17: [
    timeout,
    [
      [17, paused, 131072, 65536],
      [17, moving, 131072, 131072],
      [17, 0, 131072, 524288],
    ],
  ],
  18: [
    probe,
    [
      [18, paused, 262144, 65536],
      [18, moving, 262144, 262144],
      [18, 0, 262144, 524288],
    ],
  ],
  19: [
    grace,
    [
      [19, paused, 524288, 65536],
      [19, 0, 7913984, 10, { why: 'heartbeat-timeout' }],
    ],
  ],
  21: [stableAfter, [[21, 0, 2097152, 4194304]]],
  23: [closeTimeout, [[23, 0, 8389120, 258, { why: 'close-timeout' }]]],
}

export const events: Events = {
  OPEN: [
    [23, 0, 8389120, 3584, forgetFailures, { why: 'open' }],
    [1, 0, 510, 3584, forgetFailures, { why: 'open' }],
  ],
  CLOSE: [
    [23, 0, 0, 0],
    [9, 0, 8387584, 8388608, { why: 'close' }],
    [8, 0, 0, 0],
    [1, 0, 252, 256, { why: 'close' }],
  ],
  'socket.closed': [
    [23, current, 8389120, 258],
    [9, current, 8388096, 10, { why: 'closed' }],
  ],
  'environment.bfcached': [
    [23, 0, 8389120, 258],
    [9, 0, 8388096, 130, takeWait, { why: 'bfcached' }],
    [7, 0, 128, 128, takeWait, { why: 'bfcached' }],
    [4, 0, 112, 128, takeWait, { why: 'bfcached' }],
  ],
  HEALTHY: [[21, 0, 2097152, 4194304]],
  'socket.alive': [
    [19, current, 524288, 65536],
    [18, current, 262144, 65536],
    [17, current, 131072, 65536],
  ],
  'environment.online': [
    [17, canPing, 131072, 262144],
    [16, canPing, 65536, 262144, 'ping'],
    [10, dialledOffline, 15872, 3584, { why: 'online' }],
    [7, 0, 128, 80, takeWait],
    [5, ownDelay, 32, 64, takeWait],
  ],
  'environment.offline': [
    [17, canPing, 131072, 262144],
    [16, canPing, 65536, 262144, 'ping'],
    [4, 0, 112, 128, takeWait, { why: 'offline' }],
  ],
  'environment.visible': [
    [17, canPing, 131072, 262144],
    [16, canPing, 65536, 262144, 'ping'],
    [5, ownDelay, 32, 64, takeWait],
  ],
  'environment.resume': [
    [17, canPing, 131072, 262144],
    [16, canPing, 65536, 262144, 'ping'],
    [5, ownDelay, 32, 64, takeWait],
  ],
  'environment.woke': [
    [17, canPing, 131072, 262144],
    [16, canPing, 65536, 262144, 'ping'],
    [5, ownDelay, 32, 64, takeWait],
  ],
  'environment.restored': [
    [17, canPing, 131072, 262144],
    [16, canPing, 65536, 262144, 'ping'],
    [7, 0, 128, 80, takeWait],
  ],
  'socket.resumed': [[16, canPingCurrent, 65536, 262144, 'ping']],
  'socket.prepared': [[13, current, 9216, 3260416]],
  'socket.opened': [[12, current, 4096, 8192]],
  'socket.resolved': [[11, current, 2048, 4096]],
  RECONNECT: [
    [9, 0, 16776704, 3584, { why: 'reconnect' }],
    [8, 0, 258, 3584, forgetFailures, { why: 'reconnect' }],
    [1, 0, 254, 3584, { why: 'reconnect' }],
  ],
  'policy.retry': [[3, current, 8, 48, takeDecision]],
  'policy.stop': [[3, current, 8, 256, { why: 'refused' }]],
}
