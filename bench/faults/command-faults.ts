import { counted, none, seconds, type Fault } from './fault.js'
import type { Peer } from './peer.js'
import { Room, sleep } from './room.js'

const closeInBackoff: Fault = {
  name: 'close-in-backoff',
  title: '`close()` during the backoff: does it reconnect all the same, within 12 s',
  seconds: 16,
  async run(peer) {
    if (!peer.has.reconnect) return none
    await using room = await Room.opened(peer)
    await room.down()
    await sleep(1_500)
    room.client.close()
    // Whatever was being dialled when it was called has been refused by then.
    await sleep(50)
    const dials = room.dials()
    await room.server.listenAgain()
    await sleep(12_000)
    if (dials() === 0) return 'no'
    return `${counted(dials(), 'dial')}, ${room.server.counts.open > 0 ? 'open' : 'not open in the end'}`
  },
}

async function hastened(peer: Peer): Promise<string> {
  await using room = await Room.opened(peer)
  await room.down()
  await sleep(10_000)
  // The beginning of a wait: what is left of it is nearly all.
  if ((await room.next('losses', 15_000)) === undefined) throw new Error('no attempt in 15 s')
  await room.server.listenAgain()
  await sleep(100)
  const open = room.next('opens', 20_000)
  room.client.reconnect!()
  const time = await open
  return time === undefined ? 'not open in 20 s' : `open ${seconds(time)}`
}

async function hammered(peer: Peer): Promise<string> {
  await using room = await Room.opened(peer)
  const dials = room.dials()
  for (let call = 0; call < 20; call += 1) {
    room.client.reconnect!()
    await sleep(5)
  }
  await sleep(5_000)
  return `${counted(dials(), 'socket')}, ${room.server.counts.open} open in the end`
}

const reconnect: Fault = {
  name: 'reconnect',
  title: '`reconnect()` in a long backoff; twenty of them 5 ms apart on an open link',
  seconds: 50,
  async run(peer) {
    await using probe = await Room.opened(peer)
    if (probe.client.reconnect === undefined) return none
    return `${await hastened(peer)}; ${await hammered(peer)}`
  },
}

const provider: Fault = {
  name: 'provider',
  title: 'the asynchronous URL provider rejects once',
  seconds: 21,
  async run(peer) {
    if (!peer.has.asyncUrl) return none
    await using room = await Room.create(peer)
    let calls = 0
    room.dial({
      url: async () => {
        calls += 1
        if (calls === 2) throw new Error('no ticket')
        return room.server.url
      },
    })
    if ((await room.next('opens', 10_000)) === undefined) throw new Error('it never opened, before any fault')
    room.server.reset()
    const open = await room.next('opens', 20_000)
    return open === undefined ? 'not open in 20 s' : `open ${seconds(open)}`
  },
}

/** Opens it again, breaks the link, and looks whether it still does what it is for. */
async function again(room: Room): Promise<string> {
  const open = room.next('opens', 8_000)
  const { reopen } = room.client
  if (reopen === undefined) return none
  reopen()
  if ((await open) === undefined) return 'not open in 8 s'
  await sleep(200)
  room.server.reset()
  return (await room.next('opens', 8_000)) === undefined ? 'open, but reconnects no more' : 'works'
}

async function afterClose(peer: Peer): Promise<string> {
  await using room = await Room.opened(peer)
  await room.down()
  await sleep(1_500)
  room.client.close()
  await room.server.listenAgain()
  await sleep(500)
  return `after \`close()\`: ${await again(room)}`
}

async function afterRetries(peer: Peer): Promise<string> {
  await using room = await Room.opened(peer, { retries: 1 })
  await room.down()
  await sleep(12_000)
  const dials = room.dials()
  await room.server.listenAgain()
  await sleep(3_000)
  if (dials() > 0) throw new Error('it had not given up')
  return `after the last retry: ${await again(room)}`
}

const reopen: Fault = {
  name: 'reopen',
  title: '`close()` in the backoff, or the last retry used up; then opened again',
  seconds: 40,
  async run(peer) {
    await using probe = await Room.opened(peer)
    if (probe.client.reopen === undefined) return none
    const both = [afterClose(peer), ...(peer.has.retries ? [afterRetries(peer)] : [])]
    return (await Promise.all(both)).join('; ')
  },
}

export const commandFaults = [closeInBackoff, reconnect, provider, reopen]
