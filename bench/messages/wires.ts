import { connect } from '../../dist/src/core/index.js'
import { createConnection, type ConnectionOptions } from '../../dist/src/index.js'
import { SilentTransport, type SilentSocket } from '../shared/silent-transport.js'

/** Nanoseconds per message in the best round. */
export interface Own {
  readonly receive: number
  readonly send: number
}

interface Wired {
  readonly sink: Pick<SilentSocket['sink'], 'message'>
  send(message: string): unknown
  /** Whether every sent message has reached the socket. */
  readonly sent: () => number
}

type Wire = (hear: (message: string) => void) => Promise<Wired>

const viaConnection =
  (options: Partial<ConnectionOptions<string, string>> = {}): Wire =>
  async (hear) => {
    const transport = new SilentTransport()
    const connection = createConnection<string, string>('ws://bench.test/', { transport, ...options } as never)
    connection.on('message', hear)
    const socket = await transport.open()
    await connection.opened()
    return { sink: socket.sink, send: (message) => connection.send(message), sent: () => socket.sent }
  }

const viaCore = (): Wire => async (hear) => {
  const transport = new SilentTransport()
  const connection = connect('ws://bench.test/', { transport })
  connection.on('message', hear as (message: unknown) => void)
  const opened = new Promise((resolve) => connection.on('open', resolve))
  const socket = await transport.open()
  await opened
  return { sink: socket.sink, send: (message) => connection.send(message), sent: () => socket.sent }
}

const same = { encode: (message: string) => message, decode: (data: unknown) => data as string }

/** The layers between the two, by name. The first is a plain call: the cost of the loop. */
export const wires: Readonly<Record<string, Wire>> = {
  'a direct call': (hear) => {
    let sent = 0
    return Promise.resolve({ sink: { message: hear as never }, send: () => sent++, sent: () => sent })
  },
  connect: viaCore(),
  createConnection: viaConnection(),
  'createConnection, with a codec': viaConnection({ codec: same }),
}

const message = 'x'.repeat(64)

/** The best of many rounds, with warm-up: other load only adds time. */
function best(rounds: number, count: number, work: () => void): number {
  let least = Infinity
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint()
    for (let each = 0; each < count; each++) work()
    least = Math.min(least, Number(process.hrtime.bigint() - start) / count)
  }
  return least
}

export async function measure(name: string, rounds: number, count: number): Promise<Own> {
  let heard = 0
  const { sink, send, sent } = await wires[name]!((given) => {
    heard += given.length
  })
  const receive = best(rounds, count, () => sink.message(message))
  if (heard !== rounds * count * message.length) throw new Error(`${name} has lost messages on their way in`)
  const out = best(rounds, count, () => send(message))
  if (sent() !== rounds * count) throw new Error(`${name} has lost messages on their way out`)
  return { receive, send: out }
}
