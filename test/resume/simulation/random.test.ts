import { describe, expect, it } from 'vitest'
import { Random } from '../../core/engine/support/random.js'
import { World, type WorldOptions } from './world.js'

interface Run {
  readonly sent: readonly string[]
  /** Messages to the client that the store took. */
  readonly stored: readonly string[]
  readonly world: World
}

const messages = 60

/** Random faults on links and nodes, while both sides send. */
export async function run(
  seed: number,
  options: WorldOptions & { readonly kills?: number; readonly watch?: (world: World) => void } = {},
): Promise<Run> {
  const random = new Random(seed)
  const { kills = 0, watch, ...rest } = options
  const world = new World({
    nodes: 3,
    random: () => random.next(),
    handling: () => (random.chance(0.3) ? random.below(60) : 0),
    ...rest,
  })
  const [sent, stored, sending]: [string[], string[], Promise<void>[]] = [[], [], []]
  world.onLink = (link) => link.slow(1 + random.below(20))
  let [left, ups, downs] = [kills, 0, 0]
  await world.advance(5)
  for (let step = 0; step < 600 && (ups < messages || downs < messages); step++) {
    const { link } = world
    const dice = random.next()
    if (dice < 0.3 && ups < messages) {
      const message = `c${++ups}`
      world.connection.send(message)
      sent.push(message)
    } else if (dice < 0.55 && downs < messages && world.session.state !== 'fresh') {
      const message = `s${++downs}`
      sending.push(world.send(message).then((isStored) => void (isStored && stored.push(message))))
    } else if (dice < 0.6) link.reset()
    else if (dice < 0.63) link.resetOneEnd(random.pick(['up', 'down'] as const))
    else if (dice < 0.68) link.stall(random.pick(['up', 'down', 'both'] as const))
    else if (dice < 0.72) for (const each of world.links) each.heal()
    else if (dice < 0.73) world.connection.reconnect()
    else if (dice < 0.74 && left > 0) {
      left--
      await world.kill(world.pick(world.alive))
      world.start()
    }
    watch?.(world)
    await world.advance(random.below(40))
  }
  while (ups < messages) {
    const message = `c${++ups}`
    world.connection.send(message)
    sent.push(message)
  }
  await world.finish()
  await Promise.all(sending)
  return { sent, stored, world }
}

/** A message with the seed, so that a failure can be run again. */
const named = (seed: number, what: unknown): unknown => ({ seed, what })

/** More of them by `SIMULATION_SEEDS=10000`. */
const seeds = Array.from({ length: Number(process.env['SIMULATION_SEEDS'] ?? 60) }, (_, index) => index + 1)

describe('over a network with random faults', () => {
  it('each message is handled once and in order, and each stored one arrives once and in order', async () => {
    let resumed = 0
    for (const seed of seeds) {
      const { sent, stored, world } = await run(seed)
      expect(named(seed, world.effects)).toEqual(named(seed, sent))
      expect(named(seed, world.received)).toEqual(named(seed, stored))
      expect(
        named(
          seed,
          world.continuity.filter(({ kind }) => kind === 'lost'),
        ),
      ).toEqual(named(seed, []))
      resumed += world.session.counters.resumed
      await world.close()
      expect(named(seed, world.errors)).toEqual(named(seed, []))
    }
    expect(resumed).toBeGreaterThan(seeds.length * 5)
  })

  it('so it is when nodes die, if the app stores the number with the effect', async () => {
    for (const seed of seeds) {
      const { sent, stored, world } = await run(seed + 1_000, { kills: 4 })
      expect(named(seed, world.effects)).toEqual(named(seed, sent))
      expect(named(seed, world.received)).toEqual(named(seed, stored))
      expect(
        named(
          seed,
          world.continuity.filter(({ kind }) => kind === 'lost'),
        ),
      ).toEqual(named(seed, []))
      await world.close()
    }
  })

  it('without that, only effects of a node that died are repeated, and none is missing or out of order', async () => {
    let repeated = 0
    for (const seed of seeds) {
      const { sent, world } = await run(seed + 1_000, { kills: 4, transactions: false })
      const first = world.effects.filter((effect, index) => world.effects.indexOf(effect) === index)
      expect(named(seed, first)).toEqual(named(seed, sent))
      repeated += world.effects.length - first.length
      await world.close()
    }
    expect(repeated).toBeGreaterThan(0)
  })

  it('with a small window, no more is unacknowledged than it allows', async () => {
    let most = 0
    for (const seed of seeds.slice(0, 20)) {
      const watch = (world: World): void => void (most = Math.max(most, world.session.unacknowledged.messages))
      const session = { window: { messages: 5 }, heartbeat: { interval: 400, timeout: 200 } }
      const { sent, world } = await run(seed, { session, watch })
      expect(named(seed, world.effects)).toEqual(named(seed, sent))
      expect(world.session.unacknowledged.messages).toBe(0)
      await world.close()
    }
    expect(most).toBe(5)
  })
})

describe('when sessions expire', () => {
  it('what is reported undelivered was never handled, and what counts as delivered was', async () => {
    let lost = 0
    for (const seed of seeds) {
      const { sent, world } = await run(seed + 2_000, {
        kills: 3,
        transactions: false,
        server: { ttl: 300 },
        connection: { backoff: () => 20 + 15 * (seed % 40) },
      })
      const handled = new Set(world.effects)
      // Each session numbers its messages from 1, in the order they were sent.
      let from = 0
      for (const event of world.continuity) {
        if (event.kind !== 'lost') continue
        lost++
        const { delivered, undelivered, uncertain } = event
        const ofSession = sent.slice(from, from + delivered + uncertain.length + undelivered.length)
        expect(named(seed, [...uncertain, ...undelivered])).toEqual(named(seed, ofSession.slice(delivered)))
        expect(
          named(
            seed,
            ofSession.slice(0, delivered).filter((message) => !handled.has(message)),
          ),
        ).toEqual(named(seed, []))
        expect(
          named(
            seed,
            undelivered.filter((message) => handled.has(message)),
          ),
        ).toEqual(named(seed, []))
        from += ofSession.length
      }
      await world.close()
    }
    expect(lost).toBeGreaterThan(10)
  })
})
