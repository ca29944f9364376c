import { answer, none, outcome, type Fault } from './fault.js'
import type { Peer } from './peer.js'
import { Room, sleep, until } from './room.js'

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `m${index}`)

function arrived(room: Room, sent: readonly string[]): string {
  const got = room.delivered.filter((message) => sent.includes(message))
  const once = [...new Set(got)]
  const whole = `${once.length} of ${sent.length} delivered`
  if (got.length > once.length) return `${whole}, ${got.length - once.length} twice`
  return once.length > 1 &&
    once.some((message, index) => index > 0 && sent.indexOf(message) < sent.indexOf(once[index - 1]!))
    ? `${whole}, out of order`
    : whole
}

const sendsDown: Fault = {
  name: 'sends-down',
  title: 'six sends while the server is down',
  seconds: 28,
  async run(peer) {
    await using room = await Room.opened(peer)
    await room.down()
    const sent = names(6)
    const said: string[] = []
    for (const message of sent) {
      said.push(answer(() => room.client.send(message)))
      await sleep(100)
    }
    await room.server.listenAgain()
    if (peer.has.reconnect) await until(() => room.opens.length > 1, 20_000)
    await sleep(1_000)
    return `${outcome(said)}; ${arrived(room, sent)}`
  },
}

const sendsHalfOpen: Fault = {
  name: 'sends-half-open',
  title: 'fifty sends into a half-open link',
  seconds: 65,
  async run(peer) {
    await using room = await Room.opened(peer)
    room.server.swallow('both', { lost: true })
    const sent = names(50)
    const said = outcome(sent.map((message) => answer(() => room.client.send(message))))
    // Without a heartbeat, a reset ends the link.
    if (!(await until(() => room.opens.length > 1, peer.has.heartbeat ? 40_000 : 10_000))) room.server.reset()
    if (peer.has.reconnect) await until(() => room.opens.length > 1, 20_000)
    await sleep(2_000)
    const afterwards = room.uncertain === 0 ? '' : `, ${room.uncertain} reported uncertain`
    return `${said}; ${arrived(room, sent)}${afterwards}`
  },
}

async function order(peer: Peer, place: 'open' | 'its own'): Promise<string> {
  await using room = await Room.opened(peer, place === 'open' ? {} : { auth: 'AUTH' })
  if (place === 'open') room.onOpen = () => void room.client.send('AUTH')
  await room.down()
  try {
    room.client.send('queued')
  } catch {
    return none
  }
  room.delivered.length = 0
  await room.server.listenAgain()
  await until(() => room.opens.length > 1, 20_000)
  await sleep(1_000)
  const [auth, queued] = [room.delivered.indexOf('AUTH'), room.delivered.indexOf('queued')]
  if (auth === -1) throw new Error('AUTH did not arrive')
  return queued === -1 ? none : auth < queued ? 'AUTH first' : 'queue first'
}

const queueAndAuth: Fault = {
  name: 'auth',
  title: 'a queue, and AUTH that the app sends in `open`: which is sent first',
  seconds: 35,
  async run(peer) {
    if (!peer.has.reconnect) return none
    const inOpen = await order(peer, 'open')
    return peer.has.auth === undefined ? inOpen : `${inOpen}; in ${peer.has.auth}: ${await order(peer, 'its own')}`
  },
}

export const sendingFaults = [sendsDown, sendsHalfOpen, queueAndAuth]
