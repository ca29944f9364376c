// The program of docs/requests.md.
import { describe, expect, it } from 'vitest'
import { settle } from '../../src/tools/testing/clock.js'
import type { FakeSocket } from '../../src/tools/testing/transport.js'
import { blocksOn, runBlock } from './programs.js'

type Request = (method: string, params: unknown, timeout?: number) => Promise<unknown>

async function run() {
  const program = await runBlock<{ request: Request }>(blocksOn('requests.md')[0])
  /** Makes a request, and notes what becomes of it. */
  const ask = (method: string, timeout?: number): { outcome: string } => {
    const asked = { outcome: 'pending' }
    program.exports.request(method, {}, timeout).then(
      (result) => (asked.outcome = `result ${String(result)}`),
      (error: unknown) => (asked.outcome = (error as Error).message),
    )
    return asked
  }
  return { ...program, connection: program.connection, ask }
}
const idsOn = (socket: FakeSocket): number[] =>
  socket.sent.filter((text) => text !== 'ping').map((text) => (JSON.parse(text as string) as { id: number }).id)
const reply = (socket: FakeSocket, fields: object): void => socket.message(JSON.stringify(fields))

describe('a request', () => {
  it('resolves with the result of the reply with its id', async () => {
    const { ask, accept } = await run()
    const socket = await accept()
    const [first, second] = [ask('a'), ask('b')]
    const [one, two] = idsOn(socket)
    reply(socket, { id: two, result: 'of b' })
    reply(socket, { id: one, result: 'of a' })
    await settle()
    expect([first.outcome, second.outcome]).toEqual(['result of a', 'result of b'])
  })

  it("rejects with the server's error", async () => {
    const { ask, accept } = await run()
    const socket = await accept()
    const asked = ask('a')
    reply(socket, { id: idsOn(socket)[0], error: 'no such method' })
    await settle()
    expect(asked.outcome).toBe('no such method')
  })

  it('waits for a link, and is sent on it', async () => {
    const { ask, accept } = await run()
    const asked = ask('a')
    const socket = await accept()
    expect(asked.outcome).toBe('pending')
    reply(socket, { id: idsOn(socket)[0], result: 1 })
    await settle()
    expect(asked.outcome).toBe('result 1')
  })

  it('rejects immediately when its link is lost, even after an answered ping; queued requests continue', async () => {
    const { ask, accept, clock } = await run()
    const socket = await accept()
    const asked = ask('a', 60_000)
    await clock.advance(15_000)
    expect(socket.sent).toContain('ping')
    socket.message('pong')
    socket.end()
    const waiting = ask('b')
    await settle()
    expect([asked.outcome, waiting.outcome]).toEqual(['the link was lost before the reply', 'pending'])
    await clock.advance(1_000)
    const next = await accept()
    expect(idsOn(next)).toHaveLength(1)
  })

  it('rejects after the timeout, and is not sent later', async () => {
    const { ask, accept, clock } = await run()
    const asked = ask('a', 5_000)
    await clock.advance(5_000)
    expect(asked.outcome).toBe('no reply to a within 5000 ms')
    await clock.advance(1)
    expect(idsOn(await accept())).toEqual([])
  })

  it('rejects when the server is silent', async () => {
    const { ask, accept, clock } = await run()
    await accept()
    const asked = ask('a', 5_000)
    await clock.advance(5_000)
    expect(asked.outcome).toBe('no reply to a within 5000 ms')
  })

  it('rejects when the connection ends, and after that', async () => {
    const { ask, connection, transport } = await run()
    const waiting = ask('a')
    await settle()
    transport.last.refuse()
    void connection.close()
    const late = ask('b')
    await settle()
    expect(waiting.outcome).toBe('a was not sent: ended')
    expect(late.outcome).toContain('ended')
  })

  it('rejects when the queue is full', async () => {
    const { ask } = await run()
    const asked = Array.from({ length: 1_001 }, (_, at) => ask(`${at}`, 60_000))
    await settle()
    expect(asked.filter(({ outcome }) => outcome !== 'pending')).toHaveLength(1)
    expect(asked.at(-1)!.outcome).toContain('queue')
  })

  it('leaves no timer behind', async () => {
    const { ask, accept, connection, clock } = await run()
    const socket = await accept()
    ask('a', 60_000)
    reply(socket, { id: idsOn(socket)[0], result: 1 })
    void connection.close()
    socket.end({ code: 1000 })
    await settle()
    expect(clock.pending).toBe(0)
  })
})
