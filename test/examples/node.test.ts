// The service as a process, on a link that breaks.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { faults, type FaultServer } from '../../src/tools/testing/index.js'
import { serveEcho } from '../faults/browsers/browser.js'
import { folder, missingTools, Running } from './support/examples.js'

vi.setConfig({ testTimeout: 60_000 })

const cannot = missingTools()

describe.skipIf(cannot !== undefined)('the example node', () => {
  let server: FaultServer
  let service: Running
  let url: string

  beforeEach(async () => {
    server = await serveEcho()
    service = new Running(process.execPath, ['--import', 'tsx', 'node/service.ts'], {
      cwd: folder,
      env: { FEED: server.url, PORT: '0' },
    })
    const [, port] = await service.says(/port: (\d+)/)
    url = `http://127.0.0.1:${port}/`
    await service.says(/^open/m)
  })
  afterEach(async () => {
    await service?.[Symbol.asyncDispose]()
    await server.close()
  })

  const send = (body: string): Promise<string> => fetch(url, { method: 'POST', body }).then((answer) => answer.text())
  const shown = async (): Promise<{ status: number; lines: string[] }> => {
    const answer = await fetch(url)
    return { status: answer.status, lines: (await answer.text()).split('\n') }
  }

  test('shows its status and the last messages, and sends', async () => {
    expect(await send('hello')).toBe('sent\n')
    await vi.waitFor(async () =>
      expect(await shown()).toEqual({ status: 200, lines: ['open: the app opened it', 'hello', ''] }),
    )
  })

  test.each([
    ['is dead in silence', (): void => server.partition(), /^backoff: the link is dead: no answer to a ping; try \d/m],
    [
      'is reset',
      async (): Promise<void> => {
        await server.stopListening()
        server.reset()
      },
      /^backoff: the link was lost \(1006\); try \d/m,
    ],
  ])('reports that a link %s, and recovers; messages sent meanwhile arrive', async (_, act, words) => {
    await act()
    await service.says(words)
    expect(await send('meanwhile')).toBe('queued\n')
    expect((await shown()).status).toBe(503)
    if (server.listening) server.heal()
    else await server.listenAgain()
    await vi.waitFor(
      async () => expect(await shown()).toMatchObject({ status: 200, lines: [expect.any(String), 'meanwhile', ''] }),
      20_000,
    )
    expect(server.counts.upgraded).toBe(2)
  })

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s closes the link cleanly and ends the process with code 0',
    async (signal) => {
      service.process.kill(signal)
      expect(await service.ended()).toBe(0)
      expect(service.output).toMatch(/^closed: 1000, clean$/m)
      expect(server.counts.open).toBe(0)
      expect(server.counts.accepted).toBe(1)
    },
  )

  test('SIGTERM without a link ends the process as well', async () => {
    await server.stopListening()
    server.reset()
    await service.says(/^backoff/m)
    service.process.kill('SIGTERM')
    expect(await service.ended()).toBe(0)
  })

  test('a permanent refusal by the server ends the process with code 1', async () => {
    server.use(faults.http(404))
    server.reset()
    expect(await service.ended()).toBe(1)
    expect(service.output).toMatch(/^ended: retrying is pointless/m)
  })
})
