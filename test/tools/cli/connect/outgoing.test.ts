import { expect, test } from 'vitest'
import { sendLines } from '../../../../src/tools/cli/connect/outgoing.js'
import { settle } from '../../../../src/tools/testing/browser.js'
import { setup } from '../../../support/setup.js'

/** Whoever asks for more has room for it. */
function source(lines: number, size: number): { readonly read: () => number; readonly lines: AsyncIterable<string[]> } {
  let read = 0
  async function* batches(): AsyncGenerator<string[]> {
    for (; read < lines; read++) yield [`${read} `.padEnd(size, 'x')]
  }
  return { read: () => read, lines: batches() }
}

test('without a link, the input is read until the queue is full', async () => {
  const { connection, accept } = setup({ queue: { messages: 10 } })
  const input = source(100, 10)
  let sent = 0
  const done = sendLines(connection, input.lines, (count) => (sent += count))
  await settle()
  await settle()
  expect(connection.counters.queued).toBe(10)
  expect({ sent, read: input.read() }).toEqual({ sent: 10, read: 10 })
  const socket = await accept()
  await done
  expect(sent).toBe(100)
  expect(socket.sent.map((text) => parseInt(String(text)))).toEqual(Array.from({ length: 100 }, (_, index) => index))
})

test('a line larger than the queue waits for a socket, and later lines wait behind it', async () => {
  const { connection, accept } = setup({ queue: { bytes: 100 } })
  const input = source(3, 1_000)
  const done = sendLines(connection, input.lines, () => {})
  await settle()
  expect({ read: input.read(), queued: connection.counters.queued }).toEqual({ read: 0, queued: 0 })
  const socket = await accept()
  await done
  expect(socket.sent).toHaveLength(3)
})

test('reading stops and rejects when the connection ends', async () => {
  const { connection, clock } = setup({ queue: { messages: 1 } })
  const input = source(5, 1)
  const done = sendLines(connection, input.lines, () => {})
  await settle()
  void connection.close()
  void clock.advance(2_000)
  await expect(done).rejects.toMatchObject({ code: 'ERR_ENDED' })
  expect(input.read()).toBeLessThan(3)
})
