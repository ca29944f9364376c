import { once } from 'node:events'
import { connect } from 'node:net'
import { WebSocket } from 'ws'
import type { Relay } from '../../../../../src/tools/inspect/relay/index.js'

export type Received = Readonly<Record<string, unknown>> & { readonly type: string; readonly sessionId: string }

export async function until(holds: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 10_000; !holds();) {
    if (Date.now() > end) throw new Error(`${what}: not within 10 s`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Does what the relay's own page does, without a browser. */
export class Looker {
  readonly socket: WebSocket
  readonly received: Received[] = []
  text = ''

  static async at(relay: Relay): Promise<Looker> {
    const viewer = new Looker(relay)
    await once(viewer.socket, 'open')
    return viewer
  }

  private constructor({ viewerUrl }: Relay) {
    const url = new URL('viewer', viewerUrl)
    const { origin } = url
    url.protocol = 'ws:'
    this.socket = new WebSocket(url, { origin })
    this.socket.on('message', (data: Buffer) => {
      const text = data.toString()
      this.text += `${text}\n`
      this.received.push(JSON.parse(text) as Received)
    })
  }

  of(type: string): Received[] {
    return this.received.filter((each) => each.type === type)
  }

  /** The last state it received of a connection. */
  stateOf(sessionId: string): unknown {
    const last = this.received.findLast((each) => each.type === '@xstate.snapshot' && each.sessionId === sessionId)
    return (last?.['snapshot'] as { value?: unknown } | undefined)?.value
  }

  async leave(): Promise<void> {
    this.socket.close()
    await once(this.socket, 'close')
  }
}

/** Sends a raw request and returns the response, without the frames of an opened WebSocket. */
export async function ask(port: number, path: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  let answer = ''
  socket.on('data', (data: Buffer) => {
    answer += data.toString('latin1')
    // A WebSocket would stay open.
    if (answer.startsWith('HTTP/1.1 101')) socket.destroy()
  })
  socket.on('error', () => {})
  await once(socket, 'close')
  return answer
}

export const upgrade = {
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
}
