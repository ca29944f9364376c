import type { ConnectionContext, ConnectionEvent } from '../../../../machines/connection.types.js'
import type { MakeEngine } from '../../../../src/core/engine/engine.types.js'
import { stateName } from '../../../machine/model.js'
import { delayOf } from './clock.js'
import type { Answers } from './host.js'
import { Random } from './random.js'
import { Side, type Act, type Step } from './side.js'

// Random runs of an engine. A seed determines a run, as long as its engine does not change.

/** A step and its result. */
interface Lived extends Step {
  readonly seen: string
  /** The state and the event, as in the table of the chart. */
  readonly pair: string
  /** Whether the event had an effect. */
  readonly effective: boolean
}

export interface Life {
  readonly seed: number
  readonly steps: readonly Lived[]
}

/** Two engines that differ. */
export interface Difference {
  readonly seed: number
  /** The number of the step in its run. */
  readonly at: number
  readonly expected: string
  readonly found: string
  /** The last steps, up to this one. */
  readonly steps: readonly Step[]
}

const commands = ['OPEN', 'CLOSE', 'RECONNECT', 'HEALTHY'] as const
const socketEvents = ['resolved', 'opened', 'prepared', 'alive', 'resumed', 'closed'] as const
const signals = ['online', 'offline', 'visible', 'hidden', 'freeze', 'resume', 'woke', 'bfcached', 'restored'] as const
/**
 * The functions that can throw. Starting and stopping the socket is excluded: a connection's host cannot throw there.
 */
const throwing = [
  'livenessCount',
  'trafficCounts',
  'paused',
  'moving',
  'canPing',
  'dialledOffline',
  'checkInterval',
  'timeout',
  'probe',
  'grace',
  'closeTimeout',
  'stableAfter',
  'connectTimeout',
  'prepare',
  'announceOpen',
  'ping',
  'watch',
  'startClosing',
  'decideRetry',
  'settle',
] as const

class Author {
  readonly #random: Random
  #livenessCount = 0

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  length(): number {
    return 20 + this.#random.below(300)
  }

  step(context: ConnectionContext, state: string, hasTimer: boolean): Step {
    const random = this.#random
    const answers = this.#answers()
    const act: Act = random.chance(0.002)
      ? { do: 'stop' }
      : hasTimer && random.chance(0.3)
        ? { do: 'time' }
        : { do: 'send', event: random.chance(0.5) ? this.#onward(context, state) : this.#event(context.gen) }
    const inside = random.chance(0.06)
      ? Array.from({ length: 1 + random.below(3) }, () => this.#insideAct(context.gen))
      : []
    return { answers, act, inside }
  }

  #insideAct(gen: number): Act {
    const random = this.#random
    if (random.chance(0.02)) return { do: 'stop' }
    return { do: 'send', event: this.#event(gen + random.below(2)) }
  }

  #answers(): Answers {
    const random = this.#random
    if (random.chance(0.4)) this.#livenessCount += random.below(3)
    const about = (): number => (random.chance(0.02) ? Infinity : random.below(2_000))
    return {
      livenessCount: this.#livenessCount,
      trafficCounts: random.chance(0.6),
      paused: random.chance(0.2),
      moving: random.chance(0.3),
      canPing: random.chance(0.7),
      dialledOffline: random.chance(0.3),
      delays: {
        connectTimeout: delayOf('connectTimeout', about()),
        closeTimeout: delayOf('closeTimeout', about()),
        stableAfter: delayOf('stableAfter', about()),
        checkInterval: delayOf('checkInterval', about()),
        timeout: delayOf('timeout', about()),
        probe: delayOf('probe', about()),
        grace: delayOf('grace', random.pick([0, 0, 60, 2_000])),
      },
      throws: random.chance(0.03) ? random.pick(throwing) : undefined,
    }
  }

  #event(gen: number): ConnectionEvent {
    const random = this.#random
    const its = { gen: random.chance(0.9) ? gen : gen + random.pick([-1, 1]) }
    const kind = random.next()
    if (kind < 0.16) return { type: random.pick(commands) }
    if (kind < 0.6) {
      const name = random.pick(socketEvents)
      return name === 'closed' ? { type: 'socket.closed', code: 1006, ...its } : { type: `socket.${name}`, ...its }
    }
    if (kind < 0.66) return { type: 'policy.stop', ...its }
    if (kind < 0.74) return this.#retry(its.gen)
    return { type: `environment.${random.pick(signals)}`, wait: delayOf('wait', random.below(100)) }
  }

  #retry(gen: number): ConnectionEvent {
    const random = this.#random
    return { type: 'policy.retry', gen, delay: delayOf('wait', random.below(500)), hinted: random.chance(0.4) }
  }

  /** Makes progress, so that late states are reached as often as the others. */
  #onward({ gen }: ConnectionContext, state: string): ConnectionEvent {
    if (state.includes('idle') || state.includes('ended')) return { type: 'OPEN' }
    if (state.includes('resolving')) return { type: 'socket.resolved', gen }
    if (state.includes('handshaking')) return { type: 'socket.opened', gen }
    if (state.includes('preparing')) return { type: 'socket.prepared', gen }
    if (state.includes('deciding')) return this.#retry(gen)
    return this.#event(gen)
  }
}

/** Generates a run and plays it on an engine. */
export function live(seed: number, make: MakeEngine): Life {
  const author = new Author(seed)
  const side = new Side(make)
  const steps: Lived[] = []
  const length = author.length()
  let last = length
  for (let at = 0; at < last; at++) {
    const { context, value } = side.engine.snapshot
    const state = stateName({ value } as never)
    const due = side.clock.next
    const step = author.step(context, state, due !== undefined)
    const { act } = step
    const pair = `${state} × ${act.do === 'send' ? act.event.type : act.do === 'time' ? `after ${due}` : act.do}`
    const seen = side.step(step)
    steps.push({ ...step, seen, pair, effective: side.log.length > 0 })
    // Repeats the event to see that it has no effect.
    if (side.ended) last = Math.min(length, at + 2)
  }
  return { seed, steps }
}

/** Plays the same run on another engine. `undefined`: no difference. */
export function relive({ seed, steps }: Life, make: MakeEngine): Difference | undefined {
  let side: Side | undefined
  for (const [at, { seen: expected, ...step }] of steps.entries()) {
    const found = orThrown(() => (side ??= new Side(make)).step(step))
    if (found !== expected) return { seed, at, expected, found, steps: steps.slice(Math.max(0, at - 3), at + 1) }
  }
  return undefined
}

/** A faulty engine may throw. */
function orThrown(seen: () => string): string {
  try {
    return seen()
  } catch (thrown) {
    return `throws ${String(thrown)}`
  }
}

export const stepsOf = (lives: readonly Life[]): number => lives.reduce((sum, { steps }) => sum + steps.length, 0)

/** Plays runs with that many steps in total. The first has the seed `seed`, and each later one the next. */
export function* liveUpTo(count: number, seed: number, make: MakeEngine): Generator<Life> {
  for (let done = 0, next = seed; done < count; next++) {
    const life = live(next, make)
    done += life.steps.length
    yield life
  }
}

const shown = ({ answers, act, inside }: Step): string => JSON.stringify({ act, inside, answers })

/** A readable form. */
export function describeDifference({ seed, at, expected, found, steps }: Difference): string {
  return [
    `the engines differ at step ${at} of the life with seed ${seed}:`,
    `  npm run fuzz:engines -- --seed ${seed} --steps ${at + 1}`,
    ...steps.map((step) => `  ${shown(step)}`),
    `expected: ${expected}`,
    `found:    ${found}`,
  ].join('\n')
}
