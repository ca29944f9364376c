import fc from 'fast-check'
import type { EnvironmentSignal } from '../../../machines/index.js'
import type { ReaderOverflow } from '../../../src/core/features/reader.js'
import { fixedBackoff, sequenceBackoff } from '../../../src/core/policies/backoff.js'
import { noHeartbeat, protocolPing, serverPing, textHeartbeat } from '../../../src/core/policies/heartbeat.js'
import type { Heartbeat } from '../../../src/core/policies/profile.js'
import { Watched, type Scene } from './watched.js'

type Command = 'open' | 'close' | 'reconnect' | 'markHealthy'

/** One action of the app, the server, the network, the page or time. */
export type Step =
  | readonly ['open' | 'markHealthy' | 'drained' | 'opened']
  | readonly ['close' | 'reconnect', code: number | undefined]
  | readonly ['inOneTick', commands: readonly Command[]]
  | readonly ['send', size: number, ttl: number | undefined, key: string | undefined]
  | readonly ['iterate', limit: number, overflow: ReaderOverflow]
  | readonly ['read' | 'leave', which: number]
  | readonly ['serve' | 'accept' | 'say' | 'pong' | 'serverPing' | 'die']
  | readonly ['end', code: number, reason: string]
  | readonly ['refuse', status: number | undefined, retryAfter: number | undefined]
  | readonly ['buffer', bytes: number]
  | readonly ['late', which: number, what: 'opened' | 'message' | 'alive' | 'failed' | 'closed']
  | readonly ['provide', answer: 'good' | 'reject' | 'nonsense']
  | readonly ['prepared', answer: 'good' | 'reject']
  | readonly ['world', signal: EnvironmentSignal]
  | readonly ['network', online: boolean]
  | readonly ['pass' | 'passAtOnce' | 'block' | 'sleep', by: number]

async function take(watched: Watched, step: Step): Promise<void> {
  switch (step[0]) {
    case 'open':
      return watched.open()
    case 'markHealthy':
      return watched.markHealthy()
    case 'drained':
      return watched.awaitDrained()
    case 'opened':
      return watched.awaitOpened()
    case 'close':
      return watched.close(step[1])
    case 'reconnect':
      return watched.reconnect(step[1])
    case 'inOneTick':
      return step[1].forEach((command) => watched[command]())
    case 'send':
      return watched.send(step[1], {
        ...(step[2] === undefined ? {} : { ttl: step[2] }),
        ...(step[3] === undefined ? {} : { key: step[3] }),
      })
    case 'iterate':
      return watched.iterate(step[1], step[2])
    case 'read':
      return watched.read(step[1])
    case 'leave':
      return watched.leave(step[1])
    case 'serve':
      return watched.serve()
    case 'accept':
      return watched.accept()
    case 'say':
      return watched.say()
    case 'pong':
      return watched.pong()
    case 'serverPing':
      return watched.serverPing()
    case 'die':
      return watched.die()
    case 'end':
      return watched.end(step[1], step[2])
    case 'refuse':
      return watched.refuse(step[1], step[2])
    case 'buffer':
      return watched.buffer(step[1])
    case 'late':
      return watched.late(step[1], step[2])
    case 'provide':
      return watched.provide(step[1])
    case 'prepared':
      return watched.finishPreparing(step[1])
    case 'world':
      return watched.environment.emit(step[1])
    case 'network':
      watched.environment.isOnline = step[1]
      return
    case 'pass':
      return watched.pass(step[1])
    case 'passAtOnce':
      return watched.passAtOnce(step[1])
    case 'block':
      return watched.block(step[1])
    case 'sleep':
      return watched.sleep(step[1])
  }
}

/** Runs a schedule from start to end and checks every invariant after each step. */
export async function play(scene: Scene, steps: readonly Step[]): Promise<void> {
  const watched = new Watched(scene)
  await watched.check()
  for (const step of steps) {
    await take(watched, step)
    await watched.check()
  }
  await watched.finish()
}

const signals = [
  'online',
  'offline',
  'visible',
  'hidden',
  'freeze',
  'resume',
  'woke',
  'bfcached',
  'restored',
] as const satisfies readonly EnvironmentSignal[]

const step = <T extends Step>(...parts: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.tuple(...(parts as never[])) as unknown as fc.Arbitrary<T>
const one = <T extends string>(name: T): fc.Arbitrary<T> => fc.constant(name)
const sometimes = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 })

const closeCode = sometimes(fc.constantFrom(1000, 3000, 4321))
const serverCode = fc.constantFrom(1000, 1001, 1005, 1006, 1006, 1008, 1009, 1011, 1012, 1013, 4000, 4401)
const serverReason = fc.constantFrom('', '', 'bye', 'retry-after=7', 'retry-after=90')
const little = fc.constantFrom(0, 1, 20, 100, 250, 999, 1_000, 2_000, 5_000)
const much = fc.constantFrom(9_999, 10_000, 20_000, 31_000, 60_000)
const which = fc.nat(3)

/** The possible moves, grouped by actor; a property picks its mixture. */
export const moves = {
  open: step(one('open')),
  close: step(one('close'), closeCode),
  reconnect: step(one('reconnect'), closeCode),
  markHealthy: step(one('markHealthy')),
  inOneTick: step(
    one('inOneTick'),
    fc.array(fc.constantFrom<Command[]>('open', 'close', 'reconnect', 'markHealthy'), { minLength: 2, maxLength: 4 }),
  ),
  await: step(fc.constantFrom('drained', 'opened')),
  send: step(
    one('send'),
    fc.constantFrom(0, 10, 100, 600),
    sometimes(fc.constantFrom(0, 50, 5_000)),
    sometimes(fc.constantFrom('a', 'b')),
  ),
  iterate: step(one('iterate'), fc.constantFrom(1, 2, 5), fc.constantFrom('pause', 'drop-oldest', 'drop-newest')),
  read: step(one('read'), which),
  leave: step(one('leave'), which),
  serve: step(one('serve')),
  accept: step(one('accept')),
  say: step(one('say')),
  pong: step(fc.constantFrom('pong', 'serverPing')),
  die: step(one('die')),
  end: step(one('end'), serverCode, serverReason),
  drop: step(one('end'), fc.constant(1006), fc.constant('')),
  refuse: step(
    one('refuse'),
    fc.constantFrom(undefined, 401, 404, 429, 500, 503),
    fc.constantFrom(undefined, 0, 3_000, 60_000, 900_000),
  ),
  buffer: step(one('buffer'), fc.constantFrom(0, 0, 999, 1_000, 5_000)),
  late: step(one('late'), which, fc.constantFrom('opened', 'message', 'alive', 'failed', 'closed')),
  provide: step(one('provide'), fc.constantFrom('good', 'good', 'reject', 'nonsense')),
  prepared: step(one('prepared'), fc.constantFrom('good', 'good', 'reject')),
  world: step(one('world'), fc.constantFrom(...signals)),
  network: step(one('network'), fc.boolean()),
  pass: step(one('pass'), little),
  /** Sometimes longer than any server may request. */
  passLong: step(one('pass'), fc.oneof({ weight: 9, arbitrary: much }, fc.constant(310_000))),
  warp: step(fc.constantFrom('passAtOnce', 'block', 'sleep'), fc.oneof(little, much)),
} as const satisfies Record<string, fc.Arbitrary<Step>>

export type Mixture = { readonly [move in keyof typeof moves]?: number }

/** Schedules of these moves, each as often as its weight. */
export function schedules(mixture: Mixture, maxLength: number): fc.Arbitrary<Step[]> {
  const weighted = Object.entries(mixture).map(([move, weight]) => ({
    arbitrary: moves[move as keyof typeof moves] as fc.Arbitrary<Step>,
    weight,
  }))
  // Most schedules begin as most connections do.
  const begin = fc.constantFrom<Step[]>([['open'], ['serve']], [['open'], ['serve']], [['open']], [])
  const rest = fc.array(fc.oneof(...weighted), { maxLength, size: 'max' })
  return fc.tuple(begin, rest).map(([first, then]) => [...first, ...then])
}

const heartbeats: fc.Arbitrary<Heartbeat> = fc
  .record({ interval: fc.constantFrom(2_000, 20_000, 20_000), timeout: fc.constantFrom(500, 999, 10_000) })
  .chain((timing) =>
    fc.constantFrom(
      protocolPing(timing),
      protocolPing(timing),
      protocolPing({ ...timing, proof: 'pong' }),
      protocolPing({ ...timing, when: 'always', timeout: timing.interval / 2 }),
      textHeartbeat({ ...timing, ping: 'ping', pong: 'pong' }),
      serverPing({ ...timing, ping: 'ping', answer: 'pong' }),
      noHeartbeat(),
    ),
  )

/** Connections of every kind. */
export const scenes: fc.Arbitrary<Scene> = fc.record({
  heartbeat: heartbeats,
  ping: fc.constantFrom(true, true, true, false),
  pause: fc.boolean(),
  provider: fc.boolean(),
  prepare: fc.constantFrom(true, false, false),
  queue: fc.record({
    messages: fc.constantFrom(1, 2, 5, 1_000),
    bytes: fc.constantFrom(300, 1_048_576),
    overflow: fc.constantFrom('reject', 'drop-oldest', 'drop-newest'),
  }),
  backoff: fc.constantFrom(undefined, undefined, fixedBackoff(0), fixedBackoff(500), sequenceBackoff([1, 10_000])),
  attempts: fc.constantFrom(2, 5, Infinity, Infinity),
  connectTimeout: fc.constantFrom(undefined, 3_000),
  closeTimeout: fc.constantFrom(1, 2_000),
  stableAfter: fc.constantFrom(0, 1_000, 10_000),
  lively: fc.boolean(),
  hurried: fc.constantFrom(false, false, true),
  seed: fc.integer(),
})
