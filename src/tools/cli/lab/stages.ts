import type { Happening } from '../status/journal.js'
import { wsTransport } from '../../../transports/ws.js'
import { labFaults, retryAfter, slowness } from './faults.js'
import { counted, describeEnding, seconds } from '../status/ending.js'
import { expect, type Scene } from './scene.js'
import type { NodeName } from './protocol.js'
import { SessionNodes } from './session-nodes.js'
import { SessionTraffic } from './session-traffic.js'
import { settings } from './settings.js'

/** The result of a stage. Times in milliseconds after the fault; left out if the stage has none. */
export interface Outcome {
  readonly noticed?: number
  readonly openAgain?: number
  readonly note: string
}

/** One stage of the tour. `play` throws `Missed` if the connection does not do what it should. */
export interface Stage {
  readonly name: string
  play(scene: Scene): Promise<Outcome>
}

const connect: Stage = {
  name: 'connect',
  async play(scene) {
    const open = await scene.openAfter({ at: 0 })
    return { openAgain: open.at, note: 'connected on the first attempt' }
  },
}

const blackHole: Stage = {
  name: labFaults.blackHole.name,
  async play(scene) {
    await scene.settled()
    await scene.inject(labFaults.blackHole)
    const lost = await scene.noticed('the heartbeat did not detect it', ({ event }) => {
      return event.error?.code === 'ERR_HEARTBEAT_TIMEOUT'
    })
    const open = await scene.openAfter(lost)
    const limit = seconds(settings.interval + settings.timeout, 0)
    const note = `${describeEnding(lost.event)}; limit ${limit}; ${counted(lost.event.uncertain.messages, 'message')} reported uncertain`
    return { noticed: scene.after(lost), openAgain: scene.after(open), note }
  },
}

const reset: Stage = {
  name: labFaults.reset.name,
  async play(scene) {
    await scene.settled()
    await scene.inject(labFaults.reset)
    const lost = await scene.noticed('the reset was not detected', ({ what }) => what === 'lost')
    const open = await scene.openAfter(lost)
    const note = `${describeEnding(lost.event)}; next attempt after ${seconds(lost.event.delay ?? 0, 2)}`
    return { noticed: scene.after(lost), openAgain: scene.after(open), note }
  },
}

const refuse: Stage = {
  name: labFaults.refuse.name,
  async play(scene) {
    await scene.settled()
    await scene.inject(labFaults.refuse)
    const refused = await scene.noticed('the refusal was not detected', ({ event }) => event.status === 503)
    await scene.heal()
    const open = await scene.openAfter(refused)
    const waited = open.at - refused.at
    // Timers may fire a millisecond early by this clock.
    expect(refused.hinted && waited > retryAfter * 1_000 - 5, `Retry-After: ${retryAfter} was not honored`)
    const note = `HTTP 503 with Retry-After: ${retryAfter}; next open link ${seconds(waited, 2)} later`
    return { noticed: scene.after(refused), openAgain: scene.after(open), note }
  },
}

const hang: Stage = {
  name: labFaults.hang.name,
  async play(scene) {
    await scene.settled()
    await scene.inject(labFaults.hang)
    const lost = await scene.noticed('the reset was not detected', ({ what }) => what === 'lost')
    const failed = await scene.noticed('the attempt did not time out', ({ event }) => {
      return event.error?.code === 'ERR_CONNECT_TIMEOUT'
    })
    await scene.heal()
    const open = await scene.openAfter(failed)
    const tried = failed.at - lost.at - (lost.event.delay ?? 0)
    const note = `handshake not answered; connect timeout after ${seconds(tried, 2)}`
    return { noticed: scene.after(failed), openAgain: scene.after(open), note }
  },
}

const flap: Stage = {
  name: labFaults.flap.name,
  async play(scene) {
    await scene.settled()
    await scene.inject(labFaults.flap)
    const [first, second, third] = await scene.until('the server did not close the link three times', () => {
      const [a, b, c] = scene.ended
      return a && b && c ? [a, b, c] : undefined
    })
    await scene.heal()
    const open = await scene.openAfter(third)
    const waits = [first, second, third].map(({ event }) => event.delay ?? 0)
    expect(
      waits.every((wait, at) => wait >= (waits[at - 1] ?? 0)),
      `the delays did not grow: ${waits.map((wait) => seconds(wait, 2)).join(', ')}`,
    )
    const note = `${describeEnding(third.event)}, three times; delays grew: ${waits.map((wait) => seconds(wait, 2)).join(', ')}`
    return { noticed: scene.after(first), openAgain: scene.after(open), note }
  },
}

const slow: Stage = {
  name: labFaults.slow.name,
  async play(scene) {
    await scene.settled()
    await scene.inject(labFaults.slow)
    // Long enough for a wrong heartbeat timeout.
    await scene.pause(settings.interval + settings.timeout + 1_000)
    const [mistake] = scene.ended
    expect(mistake === undefined, `the slow link was treated as dead: ${mistake && describeEnding(mistake.event)}`)
    const { rtt = 0 } = scene.rig
    expect(rtt > 2 * slowness - 50, `the link was not slow: the round trip took ${seconds(rtt, 2)}`)
    await scene.heal()
    await scene.settled()
    const note = `round trip ${seconds(rtt, 2)}, longer than the pong timeout; the link was kept, because any frame proves it is alive`
    return { note }
  },
}

const kill: Stage = {
  name: labFaults.kill.name,
  async play(scene) {
    const { connection, ledger } = scene.rig
    await scene.settled()
    await scene.inject(labFaults.kill)
    const lost = await scene.noticed('the loss was not detected', ({ what }) => what === 'lost')
    const before = ledger.uncertain + ledger.dropped
    // Two attempts are refused.
    const last = await scene.until('there was no second attempt', () => scene.ended[2])
    const { reordered } = ledger
    await scene.heal()
    const open = await scene.openAfter(last)
    await scene.until('not all queued messages were echoed', () => {
      return connection.counters.queued + ledger.waiting + ledger.inFlight === 0 ? true : undefined
    })
    expect(open.flushed > 0, 'no message was queued')
    const missing = ledger.uncertain + ledger.dropped - before
    expect(missing === 0, `${counted(missing, 'queued message')} did not arrive`)
    expect(ledger.reordered === reordered, 'the queued messages arrived out of order')
    const note = `${describeEnding(last.event)} until the server was back; ${counted(open.flushed, 'queued message')} arrived in order`
    return { noticed: scene.after(lost), openAgain: scene.after(open), note }
  },
}

/** Answered messages before and after the kill. */
const enough = 8

const killNode: Stage = {
  name: 'kill node',
  async play(scene) {
    await scene.settled()
    await using nodes = await SessionNodes.start()
    const places = (['A', 'B'] as const).map((name, at) => ({ name, url: nodes.urls[at]! }))
    await using traffic = SessionTraffic.to(places, wsTransport())
    const { session } = traffic
    const handled = (): number => traffic.sessionCount.handled
    scene.begin()
    // In the middle of something: the last message is answered, and not acknowledged.
    const isBusy = (): boolean => handled() >= enough && session.unacknowledged.messages > 0
    await scene.until('the session handled no messages', () => (isBusy() ? true : undefined), traffic)
    const killed = traffic.sessionCount.node as NodeName
    scene.begin()
    const at = traffic.now()
    await nodes.kill(killed)
    const happened = (what: Happening['what'], since: number): Happening | undefined =>
      traffic.since(since).find((each) => each.what === what)
    const lost = await scene.until('the loss was not detected', () => happened('lost', at), traffic)
    const open = await scene.until('no link opened', () => happened('open', lost.at), traffic)
    const before = handled()
    const isDone = (): boolean => handled() >= before + enough && traffic.ledger.inFlight === 0
    await scene.until('not everything was handled', () => (isDone() ? true : undefined), traffic)
    const { node, lost: missing, doubled, replayed, duplicates } = traffic.sessionCount
    expect(node !== killed, `the session is still on node ${killed}`)
    expect(session.counters.resumed > 0, 'no link resumed the session')
    expect(missing === 0, `${counted(missing, 'message')} lost`)
    expect(doubled === 0, `${counted(doubled, 'message')} doubled`)
    const note = `node ${killed} killed without a close frame; node ${node} went on with the session: ${counted(handled(), 'message')} handled, ${replayed} replayed, ${duplicates} arrived again and discarded, 0 lost, 0 doubled`
    return { noticed: lost.at - at, openAgain: open.at - at, note }
  },
}

const close: Stage = {
  name: 'close',
  async play(scene) {
    await scene.settled()
    const { code, reason, wasClean } = await scene.rig.connection.close(1000, 'tour finished')
    expect(wasClean && code === 1000, `the close was not clean: ${code} ${reason}`)
    return { note: `closed ${code} ${reason}, cleanly; no reconnect` }
  },
}

/** The stages of the tour, in order. */
export const stages: readonly Stage[] = [connect, blackHole, reset, refuse, hang, flap, slow, kill, killNode, close]
