// Real sockets and processes of their own, since it is about what kernels hold and what processes weigh.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import {
  gigabyte,
  piece,
  type ClientReport,
  type Reader,
  type ServerOrder,
  type ServerReport,
} from './flood/protocol.js'
import { until } from '../transports/dialled.js'

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

/** Room for code, for the collector's leisure, and for what was read and not yet collected: a small part of what is offered. */
const flat = 150 << 20

test.each<Reader>(['for await', 'readable'])(
  'of a gigabyte offered to a slow reader by %s, the server keeps what is not read, and memory stays flat (D05)',
  async (reader) => {
    const { server, url } = await serve()
    const client = start('reading-client', `${url}/offer`, reader, '300')
    const [report] = (await once(client, 'message')) as [ClientReport]
    const { pushed } = await ask<ServerReport>(server)
    expect(report).toMatchObject({ handled: 300, ordered: true, unread: 0 })
    expect(report.growth).toBeLessThan(flat)
    // Read, in our buffer, and in two kernels.
    expect(pushed).toBeGreaterThan(300 * piece)
    expect(pushed).toBeLessThan(300 * piece + (64 << 20))
  },
)

test('a reader that lets the oldest go takes the whole gigabyte, holds little of it, and counts what it lost', async () => {
  const { server, url } = await serve()
  const client = start('reading-client', `${url}/offer`, 'drop-oldest', 'Infinity')
  const [report] = (await once(client, 'message')) as [ClientReport]
  expect(report.ordered).toBe(true)
  expect(report.handled + report.unread).toBe(gigabyte / piece)
  expect(report.unread).toBeGreaterThan(report.handled)
  expect(report.growth).toBeLessThan(flat)
  expect((await ask<ServerReport>(server)).pushed).toBe(gigabyte)
})

test('a writer is held back by a server that does not read, and goes on when it does (D05)', async () => {
  const { server, url } = await serve()
  const count = 4_096
  const client = start('writing-client', url, `${count}`)
  type Progress = { written: number; done: boolean; growth: number }
  // The kernels are full, and then the mark is reached: no further by however much we wait.
  let before = -1
  await until(async () => {
    const { written } = await ask<Progress>(client)
    expect(written).toBeGreaterThan(0)
    const same = written === before
    before = written
    expect(same).toBe(true)
  })
  expect(before * piece).toBeLessThan(64 << 20)
  const done = new Promise<Progress>((resolve) => {
    client.on('message', (message) => (message as Progress).done && resolve(message as Progress))
  })
  await ask(server, 'read')
  const end = await done
  expect(end).toMatchObject({ written: count })
  expect(end.growth).toBeLessThan(flat)
  await until(async () => expect(await ask<ServerReport>(server)).toMatchObject({ received: count, ordered: true }))
})
