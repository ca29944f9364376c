import { createConnection } from '../../../src/create-connection.js'
import type { ConnectionOptions } from '../../../src/core/connection.types.js'
import { fixedBackoff } from '../../../src/core/policies/backoff.js'
import type { Continuity, ResumeOptions } from '../../../src/resume/index.js'
import { resumable } from '../../../src/resume/index.js'
import type { Hello, Refusal, Welcome } from '../../../src/resume/protocol.js'
import { settle, TestClock } from '../../../src/tools/testing/clock.js'
import { FakeTransport, type FakeSocket } from '../../../src/tools/testing/transport.js'

/** A welcome with these fields. */
export const welcome = (fields: Partial<Welcome> = {}): string =>
  `w${JSON.stringify({ ep: 'e1', rx: 0, seen: fields.rx ?? 0, resumed: false, ttl: 60_000, ...fields })}`

export const refusal = (fields: Refusal): string => `r${JSON.stringify(fields)}`

/** The hellos that the client sent on this socket. */
export const hellos = ({ sent }: FakeSocket): Hello[] =>
  sent.flatMap((frame) =>
    typeof frame === 'string' && frame.startsWith('h') ? [JSON.parse(frame.slice(1)) as Hello] : [],
  )

/** What the client sent on this socket after its hellos. */
export const after = ({ sent }: FakeSocket): unknown[] =>
  sent.filter((frame) => !(typeof frame === 'string' && frame.startsWith('h')))

/** A connection with a session, and a server that the test plays. */
export function resuming(options: ResumeOptions = {}, connecting: ConnectionOptions = {}) {
  const clock = new TestClock()
  const transport = new FakeTransport()
  const session = resumable(options)
  const continuity: Continuity[] = []
  session.on('continuity', (event) => void continuity.push(event))
  const connection = createConnection('ws://server.test/', {
    clock,
    transport,
    backoff: fixedBackoff(100),
    ...connecting,
    features: [session],
  })
  const heard: unknown[] = []
  connection.on('message', (message) => void heard.push(message))
  const errors: unknown[] = []
  connection.on('error', (error) => void errors.push([error.code, error.cause]))
  /** The server completes the handshake of the WebSocket. */
  const accept = async (protocol?: string): Promise<FakeSocket> => {
    await settle()
    const { last } = transport
    last.accept({ protocol: protocol ?? last.target.protocols.at(-1) })
    await settle()
    return last
  }
  /** It also replies to the hello with this. */
  const open = async (...replies: readonly string[]): Promise<FakeSocket> => {
    const socket = await accept()
    for (const reply of replies.length > 0 ? replies : [welcome()]) {
      socket.message(reply)
      await settle()
    }
    return socket
  }
  const lose = async (): Promise<void> => {
    transport.last.end()
    await clock.advance(100)
  }
  return { clock, transport, session, continuity, connection, heard, errors, accept, open, lose }
}
