import { expect, test } from 'vitest'
import { ScriptRunner } from '../../../src/server/stores/redis-runner.js'
import type { RedisScriptOptions } from '../../../src/server/stores/redis-client.js'

const script = { source: 'return 1', sha: 'hash' }

/** A server that runs commands in the order in which they arrive, and answers when told. */
class Server {
  isLoaded = true
  readonly ran: string[] = []
  readonly #answers: (() => void)[] = []

  readonly via = {
    evalSha: (_: string, given: RedisScriptOptions) => this.#arrive(given, this.isLoaded),
    eval: (_: string, given: RedisScriptOptions) => {
      this.isLoaded = true
      return this.#arrive(given, true)
    },
  }

  /** Sends the oldest answers. */
  async answer(count: number): Promise<void> {
    for (const send of this.#answers.splice(0, count)) send()
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  }

  #arrive(given: RedisScriptOptions, runs: boolean): Promise<unknown> {
    const name = String(given.arguments[0])
    if (runs) this.ran.push(name)
    return new Promise((resolve, reject) => {
      this.#answers.push(() => (runs ? resolve(name) : reject(new Error('NOSCRIPT No matching script.'))))
    })
  }
}

test('later calls do not overtake those that are sent again with their source', async () => {
  const server = new Server()
  const runner = new ScriptRunner()
  const replies: unknown[] = []
  const call = (name: string): void =>
    void runner.run(script, server.via, [], [name]).then((reply) => replies.push(reply))
  server.isLoaded = false
  for (const name of ['1', '2', '3']) call(name)
  // The first answers arrive while others are still on their way.
  await server.answer(1)
  call('4')
  server.isLoaded = true
  await server.answer(1)
  call('5')
  expect(server.ran).toEqual([])
  await server.answer(1)
  expect(server.ran).toEqual(['1', '2', '3', '4', '5'])
  await server.answer(5)
  expect(replies).toEqual(['1', '2', '3', '4', '5'])
})

test('a call that fails otherwise is rejected and not sent again', async () => {
  const runner = new ScriptRunner()
  let sent = 0
  const via = {
    evalSha: async () => {
      sent++
      throw new Error('READONLY')
    },
    eval: async () => sent++,
  }
  await expect(runner.run(script, via, [], [])).rejects.toThrow('READONLY')
  expect(sent).toBe(1)
})

test('calls without an answer are rejected once they are too old, and do not hold others up', async () => {
  const server = new Server()
  const runner = new ScriptRunner()
  const silent = runner.run(script, server.via, [], ['silent'])
  runner.expire(60_000)
  server.isLoaded = false
  const forgotten = runner.run(script, server.via, [], ['forgotten'])
  runner.expire(-1)
  await expect(silent).rejects.toThrow('has not answered')
  await expect(forgotten).rejects.toThrow('has not answered')
  const next = runner.run(script, server.via, [], ['next'])
  await server.answer(3)
  await server.answer(1)
  expect(await next).toBe('next')
  expect(server.ran).toEqual(['silent', 'next'])
})

test('all calls are rejected when the node leaves', async () => {
  const server = new Server()
  const runner = new ScriptRunner()
  server.isLoaded = false
  const calls = ['1', '2'].map((name) => runner.run(script, server.via, [], [name]))
  await server.answer(1)
  runner.rejectAll(new Error('left'))
  for (const call of calls) await expect(call).rejects.toThrow('left')
})
