import { describe, expect, it } from 'vitest'
import { World } from './world.js'
import type { VirtualLink } from './virtual-link.js'

// Each fault in each phase of a session. Afterward the network works, and everything must have been handled once and in order.

const faults: Record<string, (link: VirtualLink, world: World) => void> = {
  'a reset': (link) => link.reset(),
  'a reset that only the client notices': (link) => link.resetOneEnd('up'),
  'a reset that only the server notices': (link) => link.resetOneEnd('down'),
  'silence from the client, for good': (link) => link.stall('up'),
  'silence from the server, for good': (link) => link.stall('down'),
  'silence both ways, for good': (link) => link.stall('both'),
  'silence from the client, healed late': (link, world) => healedLate(link, world, 'up'),
  'silence from the server, healed late': (link, world) => healedLate(link, world, 'down'),
  'silence both ways, healed late': (link, world) => healedLate(link, world, 'both'),
  'a close frame of a proxy': (link) => link.server.close(1001, 'going away'),
  'a frame of the client that is lost': (link) => link.lose('up'),
  'a frame of the server that is lost': (link) => link.lose('down'),
  'a frame of the client that arrives twice': (link) => link.double('up'),
  'a frame of the server that arrives twice': (link) => link.double('down'),
  'a frame that is garbage': (link) => link.inject('up', 'zzz'),
  'a frame of the server that is garbage': (link) => link.inject('down', 'zzz'),
  'a slow network': (link) => link.slow(150),
  'the death of the node': (link, world) => void world.killOf(link),
}

function healedLate(link: VirtualLink, world: World, direction: 'up' | 'down' | 'both'): void {
  link.stall(direction)
  world.clock.setTimeout(() => link.heal(), 3_000)
}

/** When a fault happens: `arm` gets a function to call at that moment. */
const phases: Record<string, (world: World, happen: (link: VirtualLink) => void) => Promise<void>> = {
  'before the hello': async (world, happen) => {
    world.onLink = (link) => {
      world.onLink = undefined
      world.clock.setTimeout(() => happen(link), 1)
    }
    await traffic(world)
  },
  'when the hello arrives': async (world, happen) => {
    world.onLink = once(world, (link) => on(link, 'up', 'h', 1, happen))
    await traffic(world)
  },
  'when the welcome arrives': async (world, happen) => {
    world.onLink = once(world, (link) => on(link, 'down', 'w', 1, happen))
    await traffic(world)
  },
  'in the middle of a replay': async (world, happen) => {
    await traffic(world)
    world.link.stall('both')
    await traffic(world)
    world.onLink = once(world, (link) => on(link, 'up', 'd', 3, happen))
    world.link.reset()
    await world.advance(200)
  },
  'in the middle of a replay of the server': async (world, happen) => {
    await traffic(world)
    world.link.stall('both')
    await traffic(world)
    world.onLink = once(world, (link) => on(link, 'down', 'd', 3, happen))
    world.link.reset()
    await world.advance(200)
  },
  'in steady traffic': async (world, happen) => {
    await traffic(world)
    happen(world.link)
    await traffic(world)
  },
  'while the node drains': async (world, happen) => {
    await traffic(world)
    const { link } = world
    world.drainOf(link, 200)
    world.clock.setTimeout(() => happen(link), 50)
    await traffic(world)
  },
}

function once(world: World, arm: (link: VirtualLink) => void): (link: VirtualLink) => void {
  return (link) => {
    world.onLink = undefined
    arm(link)
  }
}

function on(
  link: VirtualLink,
  direction: 'up' | 'down',
  letter: string,
  nth: number,
  happen: (link: VirtualLink) => void,
): void {
  let seen = 0
  link.onFrame = (way, each) => {
    if (way !== direction || each !== letter || ++seen !== nth) return
    link.onFrame = undefined
    happen(link)
  }
}

/** Ten messages each way. */
async function traffic(world: World): Promise<void> {
  for (let index = 0; index < 10; index++) {
    const number = world.sent.length + 1
    world.sent.push(`c${number}`)
    world.connection.send(`c${number}`)
    if (world.session.state !== 'fresh') await world.sendNext()
    await world.advance(5)
  }
}

describe.each(Object.entries(phases))('%s', (_, phase) => {
  it.each(Object.entries(faults))('after %s, nothing is lost, doubled or reordered', async (_name, fault) => {
    // Shared, so that a node that drains or dies takes no session with it.
    const world = new World({ nodes: 3, shared: true })
    let happened = 0
    await phase(world, (link) => {
      happened++
      fault(link, world)
    })
    await traffic(world)
    await world.finish()
    expect(happened).toBe(1)
    expect(world.effects).toEqual(world.sent)
    expect(world.received).toEqual(world.stored)
    expect(world.continuity.filter(({ kind }) => kind === 'lost')).toEqual([])
    expect(world.connection.state).toBe('open')
    await world.close()
    expect(world.errors).toEqual([])
  })
})

describe('while the connection closes', () => {
  it.each(Object.entries(faults))('after %s, each message is handled or listed', async (_name, fault) => {
    const world = new World({ nodes: 3, shared: true })
    await traffic(world)
    world.link.slow(30)
    await traffic(world)
    const closed = world.connection.close()
    world.clock.setTimeout(() => fault(world.link, world), 10)
    await world.advance(10_000)
    await closed
    const lost = world.continuity.find(({ kind }) => kind === 'lost')
    const listed = lost?.kind === 'lost' ? [...lost.uncertain, ...lost.undelivered] : []
    const delivered = world.sent.length - listed.length
    expect(listed).toEqual(world.sent.slice(delivered))
    expect(world.effects.slice(0, delivered)).toEqual(world.sent.slice(0, delivered))
    // What was handled is a prefix, without a doublet.
    expect(world.effects).toEqual(world.sent.slice(0, world.effects.length))
    expect(world.session.unacknowledged.messages).toBe(0)
    await world.close()
  })
})
