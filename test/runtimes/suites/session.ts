import { afterEach, describe, expect, test } from 'vitest'
import { createConnection, fixedBackoff, type Connection, type Transport } from '../../../src/index.js'
import { resumable, type Continuity, type ResumeSession } from '../../../src/resume/index.js'

export interface SessionSuite {
  /** The URL of `startSessionServer`. */
  readonly server: () => string
  readonly transport: () => Transport
}

/** What a session does in any runtime. */
export function describeSession(name: string, { server, transport }: SessionSuite): void {
  describe(name, () => {
    const made: Connection[] = []
    afterEach(async () => {
      await Promise.all(made.splice(0).map((each) => each.close()))
    })

    function begin(): { session: ResumeSession; connection: Connection; continuity: Continuity[] } {
      const session = resumable({ auth: () => 'ann' })
      const continuity: Continuity[] = []
      session.on('continuity', (event) => void continuity.push(event))
      const features = [session] as const
      const connection = createConnection(server(), { transport: transport(), backoff: fixedBackoff(50), features })
      made.push(connection)
      return { session, connection, continuity }
    }

    const plain = (message: unknown): unknown =>
      message instanceof ArrayBuffer ? [...new Uint8Array(message)] : message
    async function read(reader: AsyncIterator<unknown>, count: number): Promise<unknown[]> {
      const heard: unknown[] = []
      while (heard.length < count) heard.push(plain((await reader.next()).value))
      return heard
    }

    test('text and binary make a round trip in order, and are reported as delivered', async () => {
      const { session, connection, continuity } = begin()
      const reader = connection.messages()
      expect([session.state, connection.send('queued')]).toEqual(['fresh', 'queued'])
      await connection.opened()
      connection.send(new Uint8Array([0, 100, 255]))
      connection.send('')
      connection.send(new ArrayBuffer(0))
      connection.send('last ä€😀')
      expect(await read(reader, 5)).toEqual(['queued', [0, 100, 255], '', [], 'last ä€😀'])
      await session.delivered()
      expect(session.unacknowledged).toEqual({ messages: 0, bytes: 0 })
      expect([session.state, continuity]).toEqual(['attached', [{ kind: 'begun', id: session.id }]])
    })

    test('a link that is half-open and then cut is resumed: messages of both sides arrive once and in order', async () => {
      const { session, connection, continuity } = begin()
      const { id } = session
      const reader = connection.messages()
      await connection.opened()
      connection.send('cut')
      expect(await read(reader, 1)).toEqual(['half-open'])
      const lost = new Promise((resolve) => connection.on('close', resolve))
      for (let n = 1; n <= 20; n++) connection.send(n % 2 === 0 ? new Uint8Array([n]) : `${n}`)
      expect(session.unacknowledged.messages).toBeGreaterThanOrEqual(20)
      expect(await lost).toMatchObject({ willRetry: true, uncertain: { messages: 0, bytes: 0 } })
      expect(session.state).toBe('away')
      connection.send('meanwhile')
      const echoes = Array.from({ length: 20 }, (_, at) => (at % 2 === 1 ? [at + 1] : `${at + 1}`))
      const heard = await read(reader, 24)
      expect(heard.slice(0, 3)).toEqual(['away 1', 'away 2', 'away 3'])
      expect(heard.slice(3)).toEqual([...echoes, 'meanwhile'])
      await session.delivered()
      expect(continuity).toMatchObject([{ kind: 'begun' }, { kind: 'kept', replayed: { out: 20 }, forgotten: 0 }])
      expect([session.id, session.counters.resumed]).toEqual([id, 1])
    })

    test('close() delivers what was sent, says goodbye, and ends the session at the server', async () => {
      const { session, connection } = begin()
      const { id } = session
      await connection.opened()
      const reader = connection.messages()
      connection.send('last')
      await connection.close()
      expect([(await read(reader, 1))[0], session.state]).toEqual(['last', 'ended'])
      const next = begin()
      const answers = next.connection.messages()
      next.connection.send(`ended? ${id}`)
      expect(await read(answers, 1)).toEqual(['goodbye'])
    })
  })
}
