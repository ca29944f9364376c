import { fileURLToPath } from 'node:url'
import { faults } from '../../../src/tools/testing/index.js'
import { counted, none, seconds, type Fault } from './fault.js'
import { interval, timeout, wsClass, type Peer } from './peer.js'
import { Room, sleep, until } from './room.js'
import { fork } from '../../support/processes.js'

const halfOpen: Fault = {
  name: 'half-open',
  title: 'the link goes half-open: no data passes, for 45 s',
  seconds: 47,
  async run(peer) {
    await using room = await Room.opened(peer)
    room.server.swallow('both')
    const [noticed, open] = await Promise.all([room.next('losses', 45_000), room.next('opens', 45_000)])
    if (noticed === undefined) return 'not detected in 45 s'
    return `detected ${seconds(noticed)}, ${open === undefined ? 'not open in 45 s' : `open ${seconds(open)}`}`
  },
}

const hang: Fault = {
  name: 'hang',
  title: 'TCP accepts, the upgrade is never answered, for 30 s',
  seconds: 67,
  async run(peer) {
    await using room = await Room.create(peer)
    room.server.use(faults.hang())
    room.dial()
    await sleep(30_000)
    const attempts = counted(room.server.counts.requested, 'attempt')
    if (!peer.has.reconnect) return attempts
    room.server.clearRules()
    // Longer than the longest delay of the clients with a cap.
    const open = await room.next('opens', 35_000)
    return `${attempts}, ${open === undefined ? 'not open 35 s later' : `open ${seconds(open)} later`}`
  },
}

const flap: Fault = {
  name: 'flap',
  title: 'the server accepts and closes with 1012, for 20 s',
  seconds: 21,
  async run(peer) {
    await using room = await Room.create(peer)
    room.server.use(faults.acceptThenClose(1012))
    room.dial()
    await sleep(20_000)
    return counted(room.server.counts.upgraded, 'connect')
  },
}

async function closed(peer: Peer, code: number): Promise<string> {
  await using room = await Room.opened(peer)
  room.server.closeLinks(code)
  const open = await room.next('opens', 8_000)
  return `${code}: ${open === undefined ? 'not open in 8 s' : `open ${seconds(open)}`}`
}

const close: Fault = {
  name: 'close',
  title: 'the server closes once, with 1001 or 1000',
  seconds: 9,
  run: async (peer) => (await Promise.all([closed(peer, 1001), closed(peer, 1000)])).join('; '),
}

const outage: Fault = {
  name: 'outage',
  title: 'the server is down for 15 s: time until open after it is back',
  seconds: 51,
  async run(peer) {
    if (!peer.has.reconnect) return none
    await using room = await Room.opened(peer)
    await room.down()
    await sleep(15_000)
    await room.server.listenAgain()
    const open = await room.next('opens', 35_000)
    return open === undefined ? 'not open in 35 s' : seconds(open)
  },
}

const tooMany: Fault = {
  name: '429',
  title: '429 with `Retry-After: 3` at the handshake',
  seconds: 22,
  async run(peer) {
    if (!peer.has.reconnect) return none
    await using room = await Room.create(peer)
    room.server.use(faults.http(429, { headers: { 'Retry-After': '3' } }))
    room.dial()
    await room.server.until('answered')
    const early = room.dials()
    await sleep(2_950)
    const count = early()
    room.server.clearRules()
    const open = await room.next('opens', 15_000)
    const back = open === undefined ? 'not open in 18 s' : `open ${seconds(open + 2_950)}`
    return `${counted(count, 'dial')} too early, ${back}`
  },
}

const echo = fileURLToPath(new URL('./echo-process.ts', import.meta.url))

interface Heartbeating {
  readonly prototype: Record<'ping' | 'send', (...args: unknown[]) => unknown>
}

const blocked: Fault = {
  name: 'blocked',
  title: 'the event loop is blocked for 4 s while the pong waits in the buffer',
  seconds: 15,
  async run(peer) {
    if (!peer.has.heartbeat) return none
    // In a process of its own, so the server answers while this one is blocked.
    const server = fork(echo)
    let port: number | undefined
    let pings = 0
    server.on('message', (message: { port: number } | 'ping') => {
      if (message === 'ping') pings += 1
      else port = message.port
    })
    try {
      if (!(await until(() => port !== undefined, 10_000))) throw new Error('the server did not start')
      let opens = 0
      let losses = 0
      const events = { opened: () => (opens += 1), lost: () => (losses += 1), heard: () => {}, uncertain: () => {} }
      const client = peer.dial({ url: `ws://127.0.0.1:${port}` }, events)
      if (!(await until(() => opens === 1, 10_000))) throw new Error('it never opened, before any fault')
      await sleep(300)
      const before = pings
      await blockAfterNextPing(interval + timeout + 1_000)
      // Clients that check the link late, or probe it again, have had their chance.
      await sleep(timeout + 1_500)
      if (pings === before) throw new Error('no ping reached the server')
      client.close()
      return losses === 0 ? 'kept' : 'dropped'
    } finally {
      server.kill('SIGKILL')
    }
  },
}

/** Blocks the loop once the next heartbeat is written and its timer set, before the answer can be read. */
function blockAfterNextPing(time: number): Promise<void> {
  const { prototype } = wsClass() as Heartbeating
  const originals = { ping: prototype.ping, send: prototype.send }
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('it sent no heartbeat')), 2 * interval + 2_000)
    for (const name of ['ping', 'send'] as const) {
      prototype[name] = function (this: unknown, ...args: unknown[]) {
        Object.assign(prototype, originals)
        clearTimeout(late)
        process.nextTick(() => {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, time)
          resolve()
        })
        return originals[name].apply(this, args)
      }
    }
  })
}

/** A half-open link that is left behind, and healed once the client has a new one. */
const late: Fault = {
  name: 'late',
  title: 'an abandoned link recovers and delivers data, after a new one is open',
  seconds: 50,
  async run(peer) {
    await using room = await Room.opened(peer)
    const replace = room.client.reconnect ?? room.client.terminate
    if (replace === undefined && !peer.has.heartbeat) return none
    room.server.swallow('both')
    room.say('late')
    const open = room.next('opens', 45_000)
    replace?.()
    if ((await open) === undefined) return 'no new link in 45 s'
    room.server.heal()
    await sleep(2_000)
    return room.heard.includes('late') ? 'delivered' : 'ignored'
  },
}

export const linkFaults = [halfOpen, hang, flap, close, outage, tooMany, blocked, late]
