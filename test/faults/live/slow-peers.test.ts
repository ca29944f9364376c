// Real sockets and separate processes, because kernel buffers and process memory are measured.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test, vi } from 'vitest'
import {
  gigabyte,
  piece,
  type ClientReport,
  type Reader,
  type ServerOrder,
  type ServerReport,
  type WriterReport,
} from './flood/protocol.js'
import { until } from '../../transports/dialed.js'
import { fork } from '../../support/processes.js'

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill()
})

function start(script: string, ...args: string[]): ChildProcess {
  const path = fileURLToPath(new URL(`./flood/${script}.ts`, import.meta.url))
  const child = fork(path, args, { execArgv: ['--import', 'tsx'] })
  children.push(child)
  return child
}

async function ask<T>(child: ChildProcess, order: ServerOrder = 'tell'): Promise<T> {
  const answer = once(child, 'message') as Promise<[T]>
  child.send(order)
  return (await answer)[0]
}

async function serve(): Promise<{ server: ChildProcess; url: string }> {
  const server = start('server')
  const [port] = (await once(server, 'message')) as [number]
  return { server, url: `ws://127.0.0.1:${port}` }
}

/** Room for code, lazy garbage collection, and data read but not yet collected: a small part of the total. */
const flat = 150 << 20

/** Hundreds of megabytes take seconds, and longer on a busy machine. Milliseconds. */
vi.setConfig({ testTimeout: 60_000 })

test.each<Reader>(['for await', 'readable'])(
  'of a gigabyte offered to a slow reader by %s, the unread part stays on the server, and memory stays flat (D05)',
  async (reader) => {
    const { server, url } = await serve()
    const client = start('reading-client', `${url}/offer`, reader, '300')
    const [report] = (await once(client, 'message')) as [ClientReport]
    const { pushed } = await ask<ServerReport>(server)
    expect(report).toMatchObject({ handled: 300, ordered: true, unread: 0 })
    expect(report.growth).toBeLessThan(flat)
    // In the reader, the connection's buffer and two kernels.
    expect(pushed).toBeGreaterThan(300 * piece)
    expect(pushed).toBeLessThan(300 * piece + (64 << 20))
  },
)

test('a reader that drops the oldest takes the whole gigabyte, holds little of it, and counts what it dropped', async () => {
  const { server, url } = await serve()
  const client = start('reading-client', `${url}/offer`, 'drop-oldest', 'Infinity')
  const [report] = (await once(client, 'message')) as [ClientReport]
  expect(report.ordered).toBe(true)
  expect(report.handled + report.unread).toBe(gigabyte / piece)
  expect(report.unread).toBeGreaterThan(report.handled)
  expect(report.growth).toBeLessThan(flat)
  expect((await ask<ServerReport>(server)).pushed).toBe(gigabyte)
})

test("close() under a full reader does not read the server's backlog, and the readable part has no gap", async () => {
  const { url } = await serve()
  const client = start('closing-client', `${url}/backlog`)
  const [report] = (await once(client, 'message')) as [ClientReport]
  expect(report.ordered).toBe(true)
  expect(report.handled).toBeGreaterThanOrEqual(17)
  // The buffer, and what the runtime parsed before it paused.
  expect(report.handled).toBeLessThan(64)
  expect(report.unread).toBeGreaterThan(report.handled)
  expect(report.growth).toBeLessThan(flat)
})

/** A writer that has come as far as a server that does not read allows. */
async function stalled(count: number): Promise<{ server: ChildProcess; client: ChildProcess }> {
  const { server, url } = await serve()
  const client = start('writing-client', url, `${count}`)
  // First the kernels fill, then the high-water mark is reached. No further progress may follow, however often the test
  // checks and for longer than the interval at which the connection checks for room.
  let before = -1
  let same = 0
  await until(async () => {
    const { written } = await ask<WriterReport>(client)
    same = written > 0 && written === before ? same + 1 : 0
    before = written
    expect(same).toBeGreaterThan(10)
  })
  expect(before * piece).toBeLessThan(64 << 20)
  return { server, client }
}

async function goOn(server: ChildProcess, client: ChildProcess, order: ServerOrder): Promise<WriterReport> {
  const done = new Promise<WriterReport>((resolve) => {
    client.on('message', (message: WriterReport) => message.done && resolve(message))
  })
  await ask(server, order)
  return done
}

test('a writer pauses for a server that does not read, and resumes when it does (D05)', async () => {
  const count = 4_096
  const { server, client } = await stalled(count)
  const end = await goOn(server, client, 'read')
  expect(end).toMatchObject({ written: count, links: 1 })
  expect(end.growth).toBeLessThan(flat)
  await until(async () => expect(await ask<ServerReport>(server)).toMatchObject({ received: count, ordered: true }))
})

test('a writer resumes on the next socket, in order, and only messages reported as uncertain are missing', async () => {
  const count = 4_096
  const { server, client } = await stalled(count)
  const end = await goOn(server, client, 'cut')
  expect(end).toMatchObject({ written: count, links: 2 })
  expect(end.growth).toBeLessThan(flat)
  // The first server read nothing, so exactly what it was sent is lost.
  expect(end.uncertain).toBeGreaterThan(0)
  const received = count - end.uncertain
  await until(async () => expect(await ask<ServerReport>(server)).toMatchObject({ received, ordered: true }))
})
