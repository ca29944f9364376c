import { counted, none, seconds, type Fault } from './fault.js'
import type { Peer } from './peer.js'
import { Room, sleep } from './room.js'

const closeInBackoff: Fault = {
  name: 'close-in-backoff',
  title: '`close()` during the backoff: does it still reconnect, within 12 s',
  seconds: 16,
  async run(peer) {
    if (!peer.has.reconnect) return none
    await using room = await Room.opened(peer)
    await room.down()
    await sleep(1_500)
    room.client.close()
    // An attempt in progress at the call has been refused by then.
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
  const { reconnect } = room.client
  if (reconnect === undefined) return none
  await room.down()
  await sleep(10_000)
  // The start of a backoff delay, so nearly all of it remains.
  if ((await room.next('losses', 40_000)) === undefined) throw new Error('no attempt in 40 s')
  await room.server.listenAgain()
  await sleep(100)
  const open = room.next('opens', 20_000)
  reconnect()
  const time = await open
  return time === undefined ? 'not open in 20 s' : `open ${seconds(time)}`
}

async function hammered(peer: Peer): Promise<string> {
  await using room = await Room.opened(peer)
  const replace = room.client.reconnect ?? room.client.terminate
  if (replace === undefined) return none
  const dials = room.dials()
  for (let call = 0; call < 20; call += 1) {
    replace()
    await sleep(5)
  }
  await sleep(5_000)
  return `${counted(dials(), 'socket')}, ${room.server.counts.open} open in the end`
}

const reconnect: Fault = {
  name: 'reconnect',
  title: '`reconnect()` in a long backoff; twenty of them 5 ms apart on an open link',
  seconds: 75,
  async run(peer) {
    const [inBackoff, often] = await Promise.all([hastened(peer), hammered(peer)])
    return often === none ? none : `${inBackoff}; ${often}`
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

/** Reopens it, breaks the link, and checks that it still recovers. */
async function again(room: Room): Promise<string> {
  const open = room.next('opens', 8_000)
  room.client.reopen!()
  if ((await open) === undefined) return 'not open in 8 s'
  await sleep(200)
  room.server.reset()
  return (await room.next('opens', 8_000)) === undefined ? 'open, but no longer reconnects' : 'works'
}

async function afterClose(peer: Peer): Promise<string> {
  await using room = await Room.opened(peer)
  if (room.client.reopen === undefined) return none
  await room.down()
  await sleep(1_500)
  room.client.close()
  await room.server.listenAgain()
  // By then the delay that `close` interrupted would be over, where some clients get stuck.
  await sleep(6_000)
  return await again(room)
}

async function afterRetries(peer: Peer): Promise<string> {
  if (!peer.has.retries) return none
  await using room = await Room.opened(peer, { retries: 1 })
  if (room.client.reopen === undefined) return none
  await room.down()
  await sleep(12_000)
  const dials = room.dials()
  await room.server.listenAgain()
  await sleep(3_000)
  if (dials() > 0) throw new Error('it had not given up')
  return await again(room)
}

const reopen: Fault = {
  name: 'reopen',
  title: '`close()` in the backoff, or the last retry used up; then opened again',
  seconds: 40,
  async run(peer) {
    const [closed, used] = await Promise.all([afterClose(peer), afterRetries(peer)])
    return closed === none ? none : `after \`close()\`: ${closed}; after the last retry: ${used}`
  },
}

export const commandFaults = [closeInBackoff, reconnect, provider, reopen]
