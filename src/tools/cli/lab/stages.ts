import { labFaults, retryAfter, slowness } from './faults.js'
import { counted, describeEnding, seconds } from '../status/ending.js'
import { expect, type Scene } from './scene.js'
import { settings } from './settings.js'

/** What a stage has to tell. Milliseconds after the strike; left out where there is nothing to notice or to recover. */
export interface Outcome {
  readonly noticed?: number
  readonly openAgain?: number
  readonly note: string
}

/** One stop of the tour. Throws `Missed` when a promise is not kept. */
export interface Stage {
  readonly name: string
  play(scene: Scene): Promise<Outcome>
}

const connect: Stage = {
  name: 'connect',
  async play(scene) {
    const open = await scene.openAfter({ at: 0 })
    return { openAgain: open.at, note: 'the first attempt did it' }
  },
}

const blackHole: Stage = {
  name: labFaults.blackHole.name,
  async play(scene) {
    await scene.settled()
    await scene.strike(labFaults.blackHole)
    const lost = await scene.noticed('the heartbeat noticed nothing', ({ event }) => {
      return event.error?.code === 'ERR_HEARTBEAT_TIMEOUT'
    })
    const open = await scene.openAfter(lost)
    const promise = seconds(settings.interval + settings.timeout, 0)
    const note = `${describeEnding(lost.event)}, promised after ${promise} at most; ${counted(lost.event.uncertain.messages, 'message')} uncertain, and said so`
    return { noticed: scene.after(lost), openAgain: scene.after(open), note }
  },
}

const reset: Stage = {
  name: labFaults.reset.name,
  async play(scene) {
    await scene.settled()
    await scene.strike(labFaults.reset)
    const lost = await scene.noticed('the reset went unnoticed', ({ what }) => what === 'lost')
    const open = await scene.openAfter(lost)
    const note = `${describeEnding(lost.event)}; waited ${seconds(lost.event.delay ?? 0, 2)} before the next attempt`
    return { noticed: scene.after(lost), openAgain: scene.after(open), note }
  },
}

const refuse: Stage = {
  name: labFaults.refuse.name,
  async play(scene) {
    await scene.settled()
    await scene.strike(labFaults.refuse)
    const refused = await scene.noticed('the refusal went unnoticed', ({ event }) => event.status === 503)
    await scene.heal()
    const open = await scene.openAfter(refused)
    const waited = open.at - refused.at
    // A timer may be a millisecond early by this clock.
    expect(refused.hinted && waited > retryAfter * 1_000 - 5, `Retry-After: ${retryAfter} was not honoured`)
    const note = `HTTP 503 with Retry-After: ${retryAfter}; left the server alone for ${seconds(waited, 2)}`
    return { noticed: scene.after(refused), openAgain: scene.after(open), note }
  },
}

const hang: Stage = {
  name: labFaults.hang.name,
  async play(scene) {
    await scene.settled()
    await scene.strike(labFaults.hang)
    const lost = await scene.noticed('the reset went unnoticed', ({ what }) => what === 'lost')
    const failed = await scene.noticed('the attempt was not given up', ({ event }) => {
      return event.error?.code === 'ERR_CONNECT_TIMEOUT'
    })
    await scene.heal()
    const open = await scene.openAfter(failed)
    const tried = failed.at - lost.at - (lost.event.delay ?? 0)
    const note = `no answer to the handshake; that attempt was given up after ${seconds(tried, 2)}`
    return { noticed: scene.after(failed), openAgain: scene.after(open), note }
  },
}

const flap: Stage = {
  name: labFaults.flap.name,
  async play(scene) {
    await scene.settled()
    await scene.strike(labFaults.flap)
    const [first, second, third] = await scene.until('it was not closed three times', () => {
      const [a, b, c] = scene.ended
      return a && b && c ? [a, b, c] : undefined
    })
    await scene.heal()
    const open = await scene.openAfter(third)
    const waits = [first, second, third].map(({ event }) => event.delay ?? 0)
    expect(
      waits.every((wait, at) => wait >= (waits[at - 1] ?? 0)),
      `the waits did not grow: ${waits.map((wait) => seconds(wait, 2)).join(', ')}`,
    )
    const note = `${describeEnding(third.event)}, three times; waits grew: ${waits.map((wait) => seconds(wait, 2)).join(', ')}`
    return { noticed: scene.after(first), openAgain: scene.after(open), note }
  },
}

const slow: Stage = {
  name: labFaults.slow.name,
  async play(scene) {
    await scene.settled()
    await scene.strike(labFaults.slow)
    // Longer than a heartbeat that took it for dead would need.
    await scene.pause(settings.interval + settings.timeout + 1_000)
    const [mistake] = scene.ended
    expect(mistake === undefined, `a slow link was taken for a dead one: ${mistake && describeEnding(mistake.event)}`)
    const { rtt = 0 } = scene.rig
    expect(rtt > 2 * slowness - 50, `the link was not slow: a round trip took ${seconds(rtt, 2)}`)
    await scene.heal()
    await scene.settled()
    const note = `a round trip took ${seconds(rtt, 2)}, and was not mistaken for death: any frame is a sign of life`
    return { note }
  },
}

const gone: Stage = {
  name: labFaults.kill.name,
  async play(scene) {
    const { connection, ledger } = scene.rig
    await scene.settled()
    await scene.strike(labFaults.kill)
    const lost = await scene.noticed('the end went unnoticed', ({ what }) => what === 'lost')
    const lostByThen = ledger.lost
    // Two attempts find nobody.
    const last = await scene.until('it did not try again', () => scene.ended[2])
    const { reordered } = ledger
    await scene.heal()
    const open = await scene.openAfter(last)
    await scene.until('what had waited did not all come back', () => {
      return connection.counters.queued + ledger.waiting + ledger.away === 0 ? true : undefined
    })
    expect(open.flushed > 0, 'nothing had waited')
    expect(ledger.lost === lostByThen, `${ledger.lost - lostByThen} of the messages that waited were lost`)
    expect(ledger.reordered === reordered, 'what had waited did not arrive in order')
    const note = `${describeEnding(last.event)} until it was back; the ${open.flushed} messages that had waited arrived, in order`
    return { noticed: scene.after(lost), openAgain: scene.after(open), note }
  },
}

const close: Stage = {
  name: 'close',
  async play(scene) {
    await scene.settled()
    const { code, reason, wasClean } = await scene.rig.connection.close(1000, 'goodbye')
    expect(wasClean && code === 1000, `the close was not clean: ${code} ${reason}`)
    return { note: `closed ${code} ${reason}, cleanly; no attempt follows` }
  },
}

/** The tour, in order. */
export const stages: readonly Stage[] = [connect, blackHole, reset, refuse, hang, flap, slow, gone, close]
