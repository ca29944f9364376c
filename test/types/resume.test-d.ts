import { describe, expectTypeOf, test } from 'vitest'
import { createConnection, webSocketTransport, type Fate, type SendData } from '../../src/index.js'
import { connect } from '../../src/core/index.js'
import { resumable, type Continuity, type LostReason, type ResumeSession } from '../../src/resume/index.js'

interface Command {
  readonly do: string
}
const json = { encode: (command: Command): string => JSON.stringify(command), decode: String }

describe('a session', () => {
  test('lists the type of messages that it is made for', () => {
    expectTypeOf(resumable()).toEqualTypeOf<ResumeSession>()
    resumable<Command>().on('continuity', (event) => {
      expectTypeOf(event).toEqualTypeOf<Continuity<Command>>()
      if (event.kind === 'lost') {
        expectTypeOf(event.uncertain).toEqualTypeOf<readonly Command[]>()
        expectTypeOf(event.reason).toEqualTypeOf<LostReason>()
      }
    })
    resumable().on('continuity', (event) => {
      if (event.kind === 'lost') expectTypeOf(event.undelivered).toEqualTypeOf<readonly SendData[]>()
    })
    // @ts-expect-error -- no such event
    resumable().on('lost', () => {})
  })

  test('adds an event to its connection, with the connection’s type of messages', () => {
    const connection = createConnection('wss://a.test', { codec: json, features: [resumable<Command>()] })
    connection.on('continuity', (event) => expectTypeOf(event).toEqualTypeOf<Continuity<Command>>())
    connection.on('close', ({ uncertain }) => expectTypeOf(uncertain.messages).toEqualTypeOf<number>())
    connection.send({ do: 'it' }, { onFate: (fate) => expectTypeOf(fate).toEqualTypeOf<Fate>() })
    // @ts-expect-error -- not a Command
    connection.send('it')
  })

  test('works with connect()', () => {
    const connection = connect('wss://a.test', { transport: webSocketTransport(), features: [resumable()] })
    connection.on('continuity', (event) => expectTypeOf(event).toEqualTypeOf<Continuity>())
    connection.on('close', ({ uncertain }) => expectTypeOf(uncertain.bytes).toEqualTypeOf<number>())
  })
})
