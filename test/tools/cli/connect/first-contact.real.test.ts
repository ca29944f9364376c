// What a user sees who tries `statewire connect` for the first time, and something is wrong.
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocketServer, type ServerOptions as WebSocketOptions } from 'ws'
import { certificate, key } from '../../../transports/certificate.js'
import { Program, type Ended } from '../support/program.js'

let folder: string
let ca: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'statewire-contact-'))
  ca = join(folder, 'ca.pem')
  await writeFile(ca, certificate)
})
afterAll(() => rm(folder, { recursive: true }))

interface Peer extends AsyncDisposable {
  readonly port: number
  /** Upgrades that were asked for. */
  readonly asked: IncomingMessage[]
}

/** An echo over HTTP or HTTPS. */
async function listen(server: Server, options: WebSocketOptions = {}, host = 'localhost'): Promise<Peer> {
  const asked: IncomingMessage[] = []
  const sockets = new WebSocketServer({ noServer: true, ...options })
  server.on('upgrade', (request, stream, head) => {
    asked.push(request)
    sockets.handleUpgrade(request, stream, head, (socket) => {
      socket.on('message', (message) => socket.send(String(message)))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async [Symbol.asyncDispose]() {
      for (const each of sockets.clients) each.terminate()
      server.closeAllConnections()
      server.close()
    },
  }
}

const secure = (options: ServerOptions = {}, host?: string): Promise<Peer> =>
  listen(createSecureServer({ key, cert: certificate, ...options }), {}, host)

/** A server that answers each upgrade so. */
async function refusing(status: number, headers: Readonly<Record<string, string>> = {}): Promise<Peer> {
  const server = createServer()
  const asked: IncomingMessage[] = []
  const answer = `HTTP/1.1 ${status} X\r\n${Object.entries({ 'Content-Length': '0', ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`
  server.on('upgrade', (request, stream) => {
    asked.push(request)
    stream.end(answer)
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

function fed(input: string, ...args: string[]): Promise<Ended> {
  const program = new Program(['connect', ...args], { input: true })
  program.process.stdin!.end(input)
  return program.ended
}

describe.concurrent('a mistake that a retry does not fix', () => {
  /** Ends with 1 after one attempt, and says this, quiet or not. */
  async function isFinal(peer: Pick<Peer, 'asked'>, args: readonly string[], says: RegExp): Promise<void> {
    for (const quiet of [[], ['-q']]) {
      const before = peer.asked.length
      const { code, stdout, stderr } = await fed('hi\n', ...quiet, ...args)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(says)
      expect(stderr).toMatch(/^statewire: ended: /m)
      expect(stderr).not.toMatch(/attempt 2|S3NTINEL/)
      if (quiet.length > 0) expect(stderr).not.toMatch(/connecting to|sent, /)
      expect(peer.asked.length - before).toBeLessThanOrEqual(1)
    }
  }

  test('ends connect and names the fix: a self-signed certificate', async () => {
    await using peer = await secure()
    await isFinal(peer, [`wss://localhost:${peer.port}`], /SELF_SIGNED[^]*^statewire: .*--ca FILE.*--insecure/m)
  })

  test('ends connect and names the fix: a certificate for another name', async () => {
    await using peer = await secure({}, '127.0.0.2')
    const args = ['--ca', ca, `wss://127.0.0.2:${peer.port}`]
    await isFinal(peer, args, /ALTNAME_INVALID[^]*^statewire: .*another name.*--insecure/m)
  })

  test('ends connect and names the fix: a server that requires a client certificate', async () => {
    await using peer = await secure({ ca: certificate, requestCert: true, rejectUnauthorized: true })
    await isFinal(peer, ['--ca', ca, `wss://localhost:${peer.port}`], /^statewire: .*--cert FILE.*--key FILE/m)
  })

  test('ends connect and names the fix: wss: to a server without TLS', async () => {
    await using peer = await listen(createServer())
    await isFinal(peer, [`wss://localhost:${peer.port}`], /^statewire: .*does not speak TLS.*ws:/m)
  })

  test('ends connect and names the fix: a port without HTTP', async () => {
    const other = createTcpServer((socket) => socket.on('error', () => {}).end('220 smtp ready\r\n'))
    await new Promise<void>((resolve) => other.listen(0, 'localhost', resolve))
    const url = `ws://localhost:${(other.address() as AddressInfo).port}`
    await isFinal({ asked: [] }, [url], /^statewire: .*does not speak HTTP/m)
    other.close()
  })

  test.each([
    [200, /a web page/],
    [301, /redirects/],
    [302, /redirects/],
    [307, /redirects/],
    [400, /--protocol.*--header/],
    [401, /credentials.*--header/],
    [403, /credentials.*--header/],
    [404, /no WebSocket at this path/],
    [405, /no WebSocket at this path/],
    [410, /no WebSocket at this path/],
    [426, /426/],
  ])('ends it, and the remedy is named: HTTP %i', async (status, remedy) => {
    await using peer = await refusing(status, { Location: 'https://example.com/?S3NTINEL' })
    const says = new RegExp(`^statewire: ended: HTTP ${status}$[^]*^statewire: .*${remedy.source}`, 'm')
    await isFinal(peer, [`ws://localhost:${peer.port}`], status === 426 ? remedy : says)
  })

  test('ends connect and names the fix: a subprotocol that the server does not support', async () => {
    await using peer = await listen(createServer(), { handleProtocols: () => false })
    await isFinal(peer, ['-p', 'S3NTINEL', `ws://localhost:${peer.port}`], /subprotocol[^]*^statewire: .*--protocol/m)
  })

  test('is retried if a link was open before', async () => {
    const server = createServer()
    let refuses = false
    let asked = 0
    const sockets = new WebSocketServer({ noServer: true })
    server.on('upgrade', (request, stream, head) => {
      asked++
      if (refuses) stream.end('HTTP/1.1 400 X\r\nContent-Length: 0\r\n\r\n')
      else sockets.handleUpgrade(request, stream, head, (socket) => socket.send('hi'))
      if (asked === 3) refuses = false
    })
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
    const program = new Program(['connect', `ws://localhost:${(server.address() as AddressInfo).port}`])
    await program.wrote(/hi/)
    refuses = true
    for (const each of sockets.clients) each.terminate()
    for (const each of [...sockets.clients]) each.terminate()
    server.closeAllConnections()
    await program.wrote(/HTTP 400[^]*open again/, 'stderr')
    program.process.kill('SIGTERM')
    await program.ended
    server.closeAllConnections()
    server.close()
  })
})

describe.concurrent('a temporary failure', () => {
  test.each([
    ['a host that does not exist', 'ws://nowhere.invalid', /(?:ENOTFOUND|EAI_AGAIN)/, /host name/],
    ['a port where nothing listens', 'ws://127.0.0.1:9', /ECONNREFUSED/, /no server is listening there/],
  ])('%s is tried again, and said once, also when it is quiet', async (_, url, code, remedy) => {
    for (const quiet of [[], ['-q']]) {
      const program = new Program(['connect', ...quiet, url])
      await program.wrote(code, 'stderr')
      await program.wrote(remedy, 'stderr')
      if (quiet.length === 0) await program.wrote(/attempt 2 failed/, 'stderr')
      else await program.wrote(/retrying/, 'stderr')
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      expect(program.process.exitCode).toBe(null)
      if (quiet.length > 0) expect(program.stderr.trimEnd().split('\n')).toHaveLength(2)
      expect(program.stderr.match(new RegExp(remedy.source, 'g'))).toHaveLength(1)
      program.process.kill('SIGTERM')
      expect((await program.ended).code).toBe(143)
    }
    const { code: exit, stderr } = await new Program(['connect', '-q', '--no-reconnect', url]).ended
    expect(exit).toBe(1)
    expect(stderr).toMatch(new RegExp(`^statewire: ended: ${code.source}\nstatewire: .*${remedy.source}.*\n$`))
  })

  test('with HTTP 503 is retried', async () => {
    await using peer = await refusing(503)
    const program = new Program(['connect', `ws://localhost:${peer.port}`])
    await program.wrote(/attempt 2 failed: HTTP 503/, 'stderr')
    program.process.kill('SIGTERM')
    expect((await program.ended).code).toBe(143)
  })
})

describe.concurrent('--insecure', () => {
  test('connects to a server with any certificate and warns that it is not verified', async () => {
    await using peer = await secure({}, '127.0.0.2')
    const url = `wss://127.0.0.2:${peer.port}`
    const { code, stdout, stderr } = await fed('hi\n', '--insecure', url)
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hi\n' })
    expect(stderr).toMatch(/^statewire: the server's certificate is not verified/m)
    expect(await fed('hi\n', '-q', '-k', url)).toEqual({ code: 0, stdout: 'hi\n', stderr: '' })
  })

  test('cannot be combined with --ca', async () => {
    const { code, stderr } = await fed('', '--insecure', '--ca', ca, 'wss://localhost')
    expect(code).toBe(2)
    expect(stderr).toMatch(/--insecure cannot be combined with --ca/)
  })
})
