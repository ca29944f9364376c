import { decorrelatedJitter, equalJitter, fullJitter, type BackoffInput } from '../../src/index.js'

/** What a schedule may read: the arguments of a backoff, and a constant per client. */
export interface Turn extends BackoffInput {
  /** Uniform in [0, 1), drawn once per client: for libraries that draw a random number once, when they are loaded. */
  readonly trait: number
}

/** A reconnect policy: the delay after the nth consecutive loss or failure, in milliseconds; `Infinity` gives up. */
export interface Schedule {
  readonly name: string
  readonly wait: (turn: Turn) => number
}

/** The published functions themselves. */
export const ours: readonly Schedule[] = [
  { name: '**statewire `fullJitter()`, the default**', wait: fullJitter() },
  { name: 'statewire `equalJitter()`', wait: equalJitter() },
  { name: 'statewire `decorrelatedJitter()`', wait: decorrelatedJitter() },
]

/** A list of delays. The delay after the last one is given separately. */
function steps(delays: readonly number[], afterwards: number): Schedule['wait'] {
  return ({ attempt }) => delays[attempt - 1] ?? afterwards
}

const exponential = (attempt: number, base: number, factor: number, cap: number): number =>
  Math.min(cap, base * factor ** (attempt - 1))

/** The same for every client: clients that lose the link together redial together. */
const synchronous: readonly Schedule[] = [
  {
    // phoenix 1.8.16, socket.js, `reconnectAfterMs`.
    name: 'Phoenix',
    wait: steps([10, 50, 100, 150, 200, 250, 500, 1_000, 2_000], 5_000),
  },
  {
    // @microsoft/signalr 10.0, DefaultReconnectPolicy: 0, 2, 10, 30 s, then `null`, which stops.
    name: 'SignalR',
    wait: steps([0, 2_000, 10_000, 30_000], Infinity),
  },
  {
    // @liveblocks/core 3.24.2, connection.ts, `BACKOFF_DELAYS`; a success resets it to just below the first.
    name: 'Liveblocks',
    wait: steps([250, 500, 1_000, 2_000, 4_000, 8_000], 10_000),
  },
  {
    // partysocket 1.3.0, ws.ts: 3 s, growth 1.3, at most 10 s. (0.0.x draws its random number as reconnecting-websocket
    // does.)
    name: 'partysocket',
    wait: ({ attempt }) => exponential(attempt, 3_000, 1.3, 10_000),
  },
  {
    // MQTT.js 5.16.0, `reconnectPeriod`; pusher-js 8.6.0 retries after 1 s as well.
    name: 'MQTT.js, Pusher',
    wait: () => 1_000,
  },
]

const jittered: readonly Schedule[] = [
  {
    // @nats-io/nats-core 3.4.0, `reconnectTimeWait` and `reconnectJitter`. Set to retry forever: by default it stops
    // after 10 attempts, about 20 s.
    name: 'NATS',
    wait: ({ random }) => 2_000 + 100 * random(),
  },
  {
    // reconnecting-websocket 4.4.0: the first delay is drawn from 1 to 5 s when the module loads, growth 1.3, at most 10 s.
    name: 'reconnecting-websocket',
    wait: ({ attempt, trait }) => exponential(attempt, 1_000 + 4_000 * trait, 1.3, 10_000),
  },
  {
    // socket.io-client 4.8.4, contrib/backo2.js: one random number gives size and sign, and the cap cuts larger values.
    name: 'socket.io',
    wait: ({ attempt, random }) => {
      const range = 1_000 * 2 ** (attempt - 1)
      const roll = random()
      const deviation = Math.floor(roll * 0.5 * range)
      return Math.min(5_000, Math.floor(roll * 10) % 2 === 0 ? range - deviation : range + deviation)
    },
  },
  {
    // gRPC connection-backoff.md: 1 s, growth 1.6, at most 120 s, ±20 %. Kinder than the text, which first dials
    // immediately.
    name: 'gRPC',
    wait: ({ attempt, random }) => exponential(attempt, 1_000, 1.6, 120_000) * (0.8 + 0.4 * random()),
  },
  {
    // centrifuge 5.8.0, utils.ts, `backoff(step, 500, 20_000)`: both ends of the random integer are inclusive.
    name: 'centrifuge',
    wait: ({ attempt, random }) => {
      const range = Math.min(20_000, 500 * 2 ** Math.min(31, attempt - 1))
      return Math.min(20_000, 500 + Math.floor(random() * (range + 1)))
    },
  },
]

export const peers = { synchronous, jittered }

export const schedules: readonly Schedule[] = [...ours, ...jittered, ...synchronous]
