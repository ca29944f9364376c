// Servers that require a client certificate, with certificates that openssl creates for each run.
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import {
  createConnection,
  fixedBackoff,
  type CloseEvent,
  type ConnectionOptions,
  type TlsOptions,
} from '../../src/index.js'
import { webSocketTransport } from '../../src/transports/browser.js'
import { wsTransport, type WsTransportOptions } from '../../src/transports/ws.js'
import { until } from './dialed.js'
import { run, spawn } from '../support/processes.js'

const openssl = process.env['OPENSSL'] ?? '/usr/bin/openssl'
const haveOpenssl = existsSync(openssl)
if (!haveOpenssl && process.env['CI'])
  throw new Error(`the tests of client certificates need openssl, and ${openssl} is not there`)

let folder: string
const path = (name: string): string => join(folder, name)
const read = (name: string): string => readFileSync(path(name), 'utf8')

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

/** A key and a certificate for it, issued by an authority or self-signed. */
async function certify(name: string, by?: string, more: readonly string[] = []): Promise<void> {
  const ssl = (...args: string[]): Promise<unknown> => run(openssl, args, { cwd: folder })
  await ssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.key`)
  if (by === undefined) {
    await ssl(
      'req',
      '-x509',
      '-new',
      '-key',
      `${name}.key`,
      '-subj',
      `/CN=${name}`,
      '-days',
      '30',
      '-out',
      `${name}.pem`,
    )
    return
  }
  await writeFile(path(`${name}.ext`), 'subjectAltName=DNS:localhost,IP:127.0.0.1')
  await ssl('req', '-new', '-key', `${name}.key`, '-subj', `/CN=${name}`, '-out', `${name}.csr`)
  const signed = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial', '-extfile', `${name}.ext`]
  await ssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    ...signed,
    '-out',
    `${name}.pem`,
    ...(more.length > 0 ? more : ['-days', '30']),
  )
}

describe.skipIf(!haveOpenssl)('client certificates', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'statewire-certificates-'))
    await certify('authority')
    await certify('stranger')
    await certify('localhost', 'authority')
    await certify('good', 'authority')
    await certify('unknown', 'stranger')
    await certify('expired', 'authority', ['-days', '-1'])
  }, 30_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const ours = (name: string): { cert: string; key: string } => ({
    cert: read(`${name}.pem`),
    key: read(`${name}.key`),
  })

  /** `openssl s_server`, which sends alerts as servers in C, Go and Java do. */
  async function strict(version: '1_2' | '1_3'): Promise<string> {
    const port = await freePort()
    const args = ['-accept', `${port}`, '-cert', 'localhost.pem', '-key', 'localhost.key', '-CAfile', 'authority.pem']
    const child = spawn(
      openssl,
      ['s_server', ...args, '-Verify', '1', '-verify_return_error', '-www', `-tls${version}`],
      {
        cwd: folder,
        stdio: 'ignore',
      },
    )
    undo.push(() => child.kill('SIGKILL'))
    await until(async () => {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect').finally(() => socket.destroy())
    })
    return `wss://localhost:${port}/`
  }

  async function lose(url: string, ws: WsTransportOptions, options: ConnectionOptions = {}): Promise<CloseEvent> {
    const transport = wsTransport({ ca: read('authority.pem'), ...ws })
    const connection = createConnection(url, { transport, backoff: fixedBackoff(60_000), ...options })
    undo.push(() => connection.close())
    return new Promise((resolve) => connection.on('close', resolve, { once: true }))
  }

  for (const version of ['1_2', '1_3'] as const) {
    for (const [what, which] of [
      ['of an authority that it does not know', 'unknown'],
      ['that has expired', 'expired'],
      ['that is missing', undefined],
    ] as const) {
      it(`TLS ${version.replace('_', '.')} refuses one ${what}, which is fatal if certificateErrors says so`, async () => {
        const url = await strict(version)
        const given = which === undefined ? {} : ours(which)
        const retried = await lose(url, given)
        expect(retried).toMatchObject({ willRetry: true, error: { code: 'ERR_SOCKET' } })
        expect(retried.error?.message).toMatch(/client certificate.*cert and key/)
        const ended = await lose(url, { ...given, certificateErrors: 'fatal' })
        expect(ended).toMatchObject({ willRetry: false, error: { code: 'ERR_SOCKET' } })
      })
    }

    it(`one that TLS ${version.replace('_', '.')} accepts is no error, whatever certificateErrors says`, async () => {
      // The answer is a web page.
      const { status, error } = await lose(await strict(version), { ...ours('good'), certificateErrors: 'fatal' })
      expect([status, error?.code]).toEqual([200, 'ERR_HANDSHAKE'])
    })
  }

  it('an unsupported protocol version is not a certificate error', async () => {
    const url = await strict('1_2')
    const close = await lose(url, { ...ours('good'), minVersion: 'TLSv1.3', certificateErrors: 'fatal' })
    expect(close).toMatchObject({ willRetry: true, error: { code: 'ERR_SOCKET' } })
  })

  /** Accepts known certificates, and records their owners. */
  async function open(): Promise<{ url: string; seen: (string | undefined)[]; drop(): void }> {
    const https = createServer({
      ...ours('localhost'),
      ca: read('authority.pem'),
      requestCert: true,
      rejectUnauthorized: false,
    })
    const sockets = new WebSocketServer({ server: https })
    const seen: (string | undefined)[] = []
    sockets.on('connection', (_, { socket }) => seen.push((socket as TLSSocket).getPeerCertificate().subject?.CN))
    https.listen(0, '127.0.0.1')
    await once(https, 'listening')
    const drop = (): void => sockets.clients.forEach((each) => each.terminate())
    undo.push(() => {
      drop()
      https.close()
    })
    return { url: `wss://localhost:${(https.address() as AddressInfo).port}/`, seen, drop }
  }

  it("the url function returns them for each attempt, and they override the transport's", async () => {
    const { url, seen, drop } = await open()
    const certificates = ['expired', 'good', undefined]
    const connection = createConnection(
      () => {
        const name = certificates.shift()
        return name === undefined ? url : { url, tls: ours(name) }
      },
      { transport: wsTransport({ ca: read('authority.pem'), ...ours('unknown') }), backoff: fixedBackoff(10) },
    )
    undo.push(() => connection.close())
    for (let count = 1; count <= 3; count++) {
      await until(() => expect(seen).toHaveLength(count))
      await connection.opened()
      drop()
    }
    expect(seen.slice(0, 3)).toEqual(['expired', 'good', 'unknown'])
  })

  it('the options accept bytes, lists, and a pfx with its passphrase, together with a CA', async () => {
    const { url, seen } = await open()
    const pfx = [
      'pkcs12',
      '-export',
      '-inkey',
      'good.key',
      '-in',
      'good.pem',
      '-out',
      'good.pfx',
      '-passout',
      'pass:open sesame',
    ]
    await run(openssl, pfx, { cwd: folder })
    const ca = read('authority.pem')
    const { cert, key } = ours('good')
    for (const tls of [
      { ca, cert: new TextEncoder().encode(cert), key: Buffer.from(key) },
      { ca: [ca], cert: [cert], key: [key] },
      { ca, pfx: readFileSync(path('good.pfx')), passphrase: 'open sesame', servername: 'localhost' },
      { cert, key, rejectUnauthorized: false, minVersion: 'TLSv1.3' },
      { ca, cert, key, passphrase: undefined },
    ] satisfies TlsOptions[]) {
      const connection = createConnection(() => ({ url, tls }), { transport: wsTransport() })
      await connection.opened()
      await connection.close()
    }
    expect(seen).toEqual(Array.from({ length: 5 }, () => 'good'))
  })

  it('invalid ones end the connection, and the error reveals none of their content', async () => {
    const secret = 'open-sesame'
    for (const tls of [
      { keys: secret },
      { key: 1 },
      { key: { pem: secret } },
      { cert: [secret, 1] },
      { passphrase: [secret] },
      { rejectUnauthorized: secret },
      [secret],
      secret,
    ]) {
      const seen: unknown[] = []
      const connection = createConnection(() => ({ url: 'wss://localhost/', tls: tls as TlsOptions }), {
        transport: wsTransport(),
        inspect: (event) => seen.push(event),
      })
      const close = await new Promise<CloseEvent>((resolve) => connection.on('close', resolve))
      expect(close).toMatchObject({ willRetry: false, error: { code: 'ERR_OPTION' } })
      expect(close.error?.message).toMatch(/^tls/)
      expect(inspect([close, seen], { depth: 20 })).not.toContain(secret)
    }
  })

  it('unreadable ones fail the attempt, and the error reveals neither key nor passphrase', async () => {
    const { url } = await open()
    const seen: unknown[] = []
    const tls = { ...ours('good'), key: 'not-a-key-at-all', passphrase: 'open-sesame' }
    const connection = createConnection(() => ({ url, tls }), {
      transport: wsTransport(),
      backoff: fixedBackoff(60_000),
      inspect: (event) => seen.push(event),
    })
    undo.push(() => connection.close())
    const close = await new Promise<CloseEvent>((resolve) => connection.on('close', resolve))
    expect(close).toMatchObject({ willRetry: true, error: { code: 'ERR_SOCKET' } })
    expect(inspect([close, seen], { depth: 20 })).not.toMatch(/not-a-key-at-all|open-sesame/)
  })

  it('the standard WebSocket accepts none, so the transport rejects them', async () => {
    const connection = createConnection(() => ({ url: 'wss://localhost/', tls: ours('good') }), {
      transport: webSocketTransport(),
    })
    const close = await new Promise<CloseEvent>((resolve) => connection.on('close', resolve))
    expect(close).toMatchObject({ willRetry: false })
    if (globalThis.WebSocket !== undefined) expect(close.error?.message).toMatch(/TLS options.*wsTransport/)
  })
})

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
