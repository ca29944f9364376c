import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { sessionServer, type Session } from '../../../../src/server/index.js'
import { createFaultServer } from '../../../../src/tools/testing/index.js'
import { Program } from '../support/program.js'

const disposals: (() => unknown)[] = []
afterEach(async () => {
  for (const dispose of disposals.splice(0).toReversed()) await dispose()
})

/** A session server behind a fault server. */
async function start(onSession: (session: Session) => unknown, token?: string) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const ids: string[] = []
  const sessions = sessionServer({
    server,
    authenticate({ auth, id }) {
      ids.push(id)
      return token === undefined || auth === token ? { principal: 'ann' } : undefined
    },
  })
  sessions.on('session', onSession)
  const faulty = await createFaultServer({ upstream: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` })
  disposals.push(
    () => new Promise((resolve) => void server.close(resolve)),
    () => sessions.close(),
    () => faulty.close(),
  )
  return { faulty, ids }
}

describe('statewire connect --resume', { timeout: 40_000 }, () => {
  test('loses nothing and repeats nothing when the link is cut in the middle of its input', async () => {
    const got: string[] = []
    const { faulty, ids } = await start((session) => {
      session.on('message', (message) => {
        got.push(String(message))
        // The link breaks before this message is acknowledged.
        if (got.length === 500) faulty.reset()
        return session.send(`re: ${String(message)}`)
      })
    })
    const lines = Array.from({ length: 1_000 }, (_, at) => `line ${at + 1}`)
    const program = new Program(['connect', '--resume', '--json', '--status=lines', faulty.url], { input: true })
    program.process.stdin!.end(lines.join('\n'))
    const { code, stdout, stderr } = await program.ended
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(got).toEqual(lines)
    expect(events.flatMap(({ type, text }) => (type === 'message' ? [text] : []))).toEqual(
      lines.map((line) => `re: ${line}`),
    )
    expect(events.flatMap(({ type, kind }) => (type === 'continuity' ? [kind] : []))).toEqual(['begun', 'kept'])
    expect(stderr).toMatch(/^statewire: session kept after [\d.]+ s: \d+ messages? sent again, \d+ received late$/m)
    expect(code).toBe(0)
    expect(new Set(ids).size).toBe(1)
    expect(stdout + stderr).not.toContain(ids[0])
  })

  test('fails, with counts, if the server ends the session', async () => {
    const { faulty } = await start((session) => session.on('message', () => session.close(1000, 'enough')))
    const program = new Program(['connect', '--resume', faulty.url], { input: true })
    program.process.stdin!.end('a\n')
    const { code, stderr } = await program.ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/^statewire: session lost \(ended\): 0 delivered, 0 undelivered, 1 uncertain$/m)
    expect(stderr).toMatch(/^statewire: 1 message may not have arrived$/m)
  })

  test('takes its credentials from a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'statewire-auth-'))
    disposals.push(() => rm(folder, { recursive: true }))
    const [right, wrong] = [join(folder, 'right'), join(folder, 'wrong')]
    await writeFile(right, 'secret-token\n')
    await writeFile(wrong, 'other-token\n')
    const { faulty } = await start(
      (session) => session.on('message', (message) => session.send(message)),
      'secret-token',
    )
    const run = (file: string): Program => {
      const program = new Program(['connect', '--resume', `--auth=@${file}`, faulty.url], { input: true })
      program.process.stdin!.end('hi\n')
      return program
    }
    expect(await run(right).ended).toMatchObject({ code: 0, stdout: 'hi\n' })
    const refused = await run(wrong).ended
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('4401')
    expect(refused.stderr).not.toContain('token')
  })

  test('explains a server without sessions', async () => {
    const plain = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => false })
    await once(plain, 'listening')
    disposals.push(() => new Promise((resolve) => void plain.close(resolve)))
    const url = `ws://127.0.0.1:${(plain.address() as AddressInfo).port}`
    const { code, stderr } = await new Program(['connect', '--resume', url]).ended
    expect(code).toBe(1)
    expect(stderr).toContain('check --protocol and --resume')
  })
})
