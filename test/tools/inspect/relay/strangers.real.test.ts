import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createRelay, type Relay } from '../../../../src/tools/inspect/relay/index.js'
import { ask, Looker, upgrade } from './support/visitors.js'

const viewer = '<!doctype html><title>the viewer</title>'
let relay: Relay
let port: number
/** The viewing token. */
let token: string
/** The reporting token. */
let telling: string
let other: string

beforeAll(async () => {
  relay = await createRelay({
    viewer,
    origins: ['http://localhost:5173'],
    replay: { name: 'a', text: 'the recording' },
  })
  port = Number(new URL(relay.url).port)
  telling = new URL(relay.url).pathname.slice(1)
  token = new URL(relay.viewerUrl).pathname.slice(1, -1)
  other = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`
})
afterAll(() => relay.close())

const host = () => `127.0.0.1:${port}`
const own = () => `http://${host()}`

describe('the tokens', () => {
  it('are two, have at least 128 bits, and differ each time', async () => {
    await using again = await createRelay({ viewer })
    const all = [token, telling, new URL(again.url).pathname.slice(1), new URL(again.viewerUrl).pathname.slice(1, -1)]
    for (const each of all) expect(Buffer.from(each, 'base64url').length).toBeGreaterThanOrEqual(16)
    expect(new Set(all).size).toBe(4)
  })
})

describe('an unauthorized client', () => {
  const strange = (): readonly [name: string, path: string, headers: Record<string, string>][] => [
    ['without a token', '/', { Host: host() }],
    ['without a token, on the path of the viewer', '/viewer', { Host: host(), Origin: own(), ...upgrade }],
    ['with a wrong token', `/${other}/`, { Host: host() }],
    ['with the beginning of the token', `/${token.slice(0, -1)}/`, { Host: host() }],
    ['with the token in another place', `/?token=${token}`, { Host: host() }],
    ['with another host name', `/${token}/`, { Host: `evil.example:${port}` }],
    ['with another port', `/${token}/`, { Host: '127.0.0.1:80' }],
    ['from another page', `/${token}/`, { Host: host(), Origin: 'https://evil.example' }],
    ['from an opaque origin', `/${token}/`, { Host: host(), Origin: 'null' }],
    [
      'requesting the viewer from another page',
      `/${token}/viewer.html`,
      { Host: host(), Origin: 'https://evil.example' },
    ],
    ['requesting an unknown page', `/${other}/nothing`, { Host: host() }],
    ['reporting without a token', '/', { Host: host(), ...upgrade }],
    ['reporting with a wrong token', `/${other}`, { Host: host(), ...upgrade }],
    ['reporting with the viewing token', `/${token}`, { Host: host(), ...upgrade }],
    ['viewing with the reporting token', `/${telling}/viewer`, { Host: host(), Origin: own(), ...upgrade }],
    ['requesting the page with the reporting token', `/${telling}/`, { Host: host() }],
    ['reporting from another page', `/${telling}`, { Host: host(), Origin: 'https://evil.example', ...upgrade }],
    ['reporting from an opaque origin', `/${telling}`, { Host: host(), Origin: 'null', ...upgrade }],
    ['reporting with another host name', `/${telling}`, { Host: 'evil.example', ...upgrade }],
    ['viewing from another page', `/${token}/viewer`, { Host: host(), Origin: 'https://evil.example', ...upgrade }],
    [
      'viewing from a page that may report',
      `/${token}/viewer`,
      { Host: host(), Origin: 'http://localhost:5173', ...upgrade },
    ],
    ['viewing without an origin', `/${token}/viewer`, { Host: host(), ...upgrade }],
    [
      'viewing with another host name, from that origin',
      `/${token}/viewer`,
      { Host: `evil.example:${port}`, Origin: `http://evil.example:${port}`, ...upgrade },
    ],
    ['requesting a WebSocket at a page', `/${token}/viewer.html`, { Host: host(), ...upgrade }],
  ]

  it('gets 401, whatever is wrong, with byte-for-byte identical answers', async () => {
    const answers = await Promise.all(
      strange().map(async ([name, path, headers]) => [name, await ask(port, path, headers)]),
    )
    expect(answers.length).toBeGreaterThan(20)
    const [[, first]] = answers as [[string, string]]
    expect(first).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/)
    for (const [name, answer] of answers) expect(answer, name).toBe(first)
    expect(first).not.toMatch(/statewire|viewer|node|token/i)
  })

  it('cannot report anything', () => {
    expect(relay.census).toEqual({ applications: 0, connections: 0, viewers: 0 })
  })

  it('on another machine cannot connect', async () => {
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((each) => each?.family === 'IPv4' && !each.internal)
    if (outside === undefined) return
    const socket = connect(port, outside.address)
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
  })
})

describe('an authorized client', () => {
  it('gets the page, under either host name, with headers that protect it', async () => {
    for (const name of [host(), `localhost:${port}`]) {
      const page = await ask(port, `/${token}/`, { Host: name, Connection: 'close' })
      expect(page).toMatch(/^HTTP\/1\.1 200 OK/)
      const header = (wanted: string): string => new RegExp(`^${wanted}: (.*)\r$`, 'im').exec(page)?.[1] ?? ''
      expect(header('cache-control')).toBe('no-store')
      expect(header('referrer-policy')).toBe('no-referrer')
      expect(header('x-content-type-options')).toBe('nosniff')
      const policy = header('content-security-policy')
      expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; /)
      expect(policy).toContain(`connect-src 'self' ws://${name};`)
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain('unsafe')
      expect(page).not.toContain(token)
    }
  })

  it("gets the viewer, which only the relay's page may embed, and which has no origin", async () => {
    const page = await ask(port, `/${token}/viewer.html`, { Host: host(), Connection: 'close' })
    expect(page).toMatch(/^content-security-policy: frame-ancestors 'self'; sandbox allow-scripts allow-downloads\r$/im)
    expect(page.endsWith(viewer)).toBe(true)
    const recording = await ask(port, `/${token}/recording`, { Host: host(), Connection: 'close' })
    expect(recording).toMatch(/^content-type: text\/plain[^]*the recording$/im)
  })

  it('gets an error for an unknown page, and a redirect to the right one', async () => {
    expect(await ask(port, `/${token}/x`, { Host: host(), Connection: 'close' })).toMatch(/^HTTP\/1\.1 404 /)
    const moved = await ask(port, `/${token}`, { Host: host(), Connection: 'close' })
    expect(moved).toMatch(/^HTTP\/1\.1 308 /)
    expect(moved).toContain(`Location: /${token}/\r\n`)
  })

  it("can view from the relay's page", async () => {
    const looker = await Looker.at(relay)
    expect(relay.census.viewers).toBe(1)
    await looker.leave()
  })

  it('can report without an origin, or from an allowed one', async () => {
    for (const headers of [{}, { Origin: 'http://localhost:5173' }]) {
      const answer = await ask(port, `/${telling}`, { Host: host(), ...upgrade, ...headers })
      expect(answer).toMatch(/^HTTP\/1\.1 101 /)
    }
  })
})

describe('a relay', () => {
  it('has no connection and no listening port after close', async () => {
    const brief = await createRelay({ viewer })
    const looker = await Looker.at(brief)
    const app = new WebSocket(brief.url)
    await once(app, 'open')
    const gone = Promise.all([once(looker.socket, 'close'), once(app, 'close')])
    await Promise.all([brief.close(), brief.close(), gone])
    const socket = connect(Number(new URL(brief.url).port), '127.0.0.1')
    expect(await once(socket, 'error')).toMatchObject([{ code: 'ECONNREFUSED' }])
  })

  it("rejects with the system's error if its port is in use", async () => {
    await expect(createRelay({ viewer, port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it.each([
    [{ port: 70_000 }, /^port \(70000\) must/],
    [{ origins: ['*'] }, /^origins \(\*\) must be origins/],
    [{ origins: ['http://a.test/path'] }, /^origins/],
    [{ origins: ['null'] }, /^origins/],
    [{ token: 'too short' }, /^token \(of 9 characters\) must/],
    [{ token: `${'x'.repeat(30)}/` }, /^token \(of 31 characters\) must/],
  ])('with %j is rejected', async (options, message) => {
    await expect(createRelay({ viewer, ...options })).rejects.toMatchObject({
      code: 'ERR_OPTION',
      message: expect.stringMatching(message),
    })
  })
})
