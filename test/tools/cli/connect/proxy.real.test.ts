// `statewire connect --proxy`, through proxies of our own.
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { createFaultServer } from '../../../../src/tools/testing/index.js'
import { certificate, key } from '../../../transports/certificate.js'
import { Program, type Ended } from '../support/program.js'

let folder: string
let ca: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'statewire-proxy-'))
  ca = join(folder, 'ca.pem')
  await writeFile(ca, certificate)
})
afterAll(() => rm(folder, { recursive: true }))

type Answer = (request: IncomingMessage, client: Duplex, tunnel: () => void) => void

interface Proxy extends AsyncDisposable {
  readonly port: number
  readonly asked: { readonly target: string; readonly authorization: string | undefined }[]
  readonly open: Set<Socket>
}

async function startProxy(
  answer: Answer = (_, __, tunnel) => tunnel(),
  server: Server = createServer(),
): Promise<Proxy> {
  const asked: Proxy['asked'] = []
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
  })
  server.on('connect', (request, client: Duplex, head: Buffer) => {
    const target = request.url ?? ''
    asked.push({ target, authorization: request.headers['proxy-authorization'] })
    answer(request, client, () => {
      const { hostname, port } = new URL(`http://${target}`)
      const upstream = connect(Number(port || 80), hostname.replace(/^\[|\]$/g, ''), () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n')
        if (head.length > 0) upstream.write(head)
        upstream.pipe(client).pipe(upstream)
      })
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        one.on('error', () => other.destroy())
        one.on('close', () => other.destroy())
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    open,
    async [Symbol.asyncDispose]() {
      for (const each of open) each.destroy()
      server.close()
    },
  }
}

function fed(input: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const program = new Program(['connect', ...args], { input: true, env })
  program.process.stdin!.end(input)
  return program.ended
}

describe.concurrent('--proxy', () => {
  test('tunnels ws:, with the credentials of the proxy’s URL', async () => {
    await using echo = await createFaultServer({ logFrames: false })
    await using proxy = await startProxy()
    const { host } = new URL(echo.url)
    const through = `http://us%40er:S3NTINEL@127.0.0.1:${proxy.port}`
    const { code, stdout, stderr } = await fed('hi\n', ['--proxy', through, echo.url])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hi\n' })
    expect(stderr).toContain(`connecting to ${echo.url}/ through http://127.0.0.1:${proxy.port}`)
    expect(stderr).not.toContain('S3NTINEL')
    const authorization = `Basic ${Buffer.from('us@er:S3NTINEL').toString('base64')}`
    expect(proxy.asked).toEqual([{ target: host, authorization }])
  })

  test('tunnels wss: and verifies the certificate of the server behind it', async () => {
    const secure = createSecureServer({ key, cert: certificate })
    const sockets = new WebSocketServer({ server: secure as unknown as Server })
    sockets.on('connection', (socket) => socket.on('message', (message) => socket.send(String(message))))
    secure.listen(0, 'localhost')
    await once(secure, 'listening')
    await using proxy = await startProxy()
    const url = `wss://localhost:${(secure.address() as AddressInfo).port}`
    const through = ['-q', '--proxy', `http://127.0.0.1:${proxy.port}`]
    expect(await fed('hi\n', [...through, '--ca', ca, url])).toEqual({ code: 0, stdout: 'hi\n', stderr: '' })
    expect(await fed('hi\n', [...through, '--insecure', url])).toEqual({ code: 0, stdout: 'hi\n', stderr: '' })
    const { code, stderr } = await fed('hi\n', [...through, url])
    expect(code).toBe(1)
    expect(stderr).toMatch(/SELF_SIGNED[^]*--insecure/)
    for (const each of sockets.clients) each.terminate()
    secure.close()
  })

  test('verifies the certificate of an https: proxy against the authorities of Node', async () => {
    await using echo = await createFaultServer({ logFrames: false })
    const server = createSecureServer({ key, cert: certificate }) as unknown as Server
    await using proxy = await startProxy(undefined, server)
    const args = ['-q', '--proxy', `https://localhost:${proxy.port}`, echo.url]
    // It listens on 127.0.0.1, and localhost may be ::1 first.
    const env = { NODE_OPTIONS: '--dns-result-order=ipv4first' }
    expect(await fed('hi\n', args, { ...env, NODE_EXTRA_CA_CERTS: ca })).toEqual({
      code: 0,
      stdout: 'hi\n',
      stderr: '',
    })
    const { code, stderr } = await fed('hi\n', args, env)
    expect(code).toBe(1)
    expect(stderr).toMatch(/proxy.*certificate/)
  })

  test.each([
    [407, /^statewire: .*user and password.*--proxy/m],
    [403, /^statewire: the proxy does not allow/m],
    [405, /^statewire: the proxy does not allow/m],
    [404, /^statewire: the proxy does not allow/m],
  ])('says that it is the proxy that answers HTTP %i, and ends', async (status, remedy) => {
    await using proxy = await startProxy((_, client) => {
      client.end(`HTTP/1.1 ${status} X\r\nContent-Length: 8\r\n\r\nS3NTINEL`)
    })
    const { code, stderr } = await fed('hi\n', ['--proxy', `http://127.0.0.1:${proxy.port}`, 'ws://example.invalid'])
    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`^statewire: ended: HTTP ${status} from the proxy$`, 'm'))
    expect(stderr).toMatch(remedy)
    expect(stderr).not.toContain('S3NTINEL')
    expect(proxy.asked).toHaveLength(1)
  })

  test('retries if the proxy cannot reach the server', async () => {
    await using echo = await createFaultServer({ logFrames: false })
    let down = true
    await using proxy = await startProxy((_, client, tunnel) => {
      if (down) client.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n')
      else tunnel()
      down = false
    })
    const { code, stdout, stderr } = await fed('hi\n', ['--proxy', `http://127.0.0.1:${proxy.port}`, echo.url])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hi\n' })
    expect(stderr).toMatch(/attempt 1 failed: HTTP 502 from the proxy · attempt 2 in/)
  })

  test('retries if the proxy is down, and names it', async () => {
    const program = new Program(['connect', '--proxy', 'http://127.0.0.1:9', 'ws://example.invalid'])
    await program.wrote(/attempt 1 failed: ECONNREFUSED/, 'stderr')
    await program.wrote(/^statewire: .*the proxy/m, 'stderr')
    program.process.kill('SIGTERM')
    expect((await program.ended).code).toBe(143)
  })

  test(
    'closes each connection to a proxy that does not answer, and can be interrupted',
    { timeout: 60_000 },
    async () => {
      await using proxy = await startProxy((_, client) => void client.resume().on('end', () => client.end()))
      const program = new Program(['connect', '--proxy', `http://127.0.0.1:${proxy.port}`, 'ws://example.invalid'])
      // The deadline of an attempt.
      await program.wrote(/attempt 1 failed/, 'stderr')
      while (proxy.asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 50))
      expect(proxy.open.size).toBeLessThanOrEqual(1)
      program.process.kill('SIGINT')
      expect((await program.ended).code).toBe(130)
      while (proxy.open.size > 0) await new Promise((resolve) => setTimeout(resolve, 20))
    },
  )

  test('refuses a response that is not HTTP', async () => {
    await using proxy = await startProxy((_, client) => client.end('220 smtp ready\r\n'))
    const { code, stderr } = await fed('', [
      '-q',
      '--no-reconnect',
      '--proxy',
      `http://127.0.0.1:${proxy.port}`,
      'ws://a.invalid',
    ])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^statewire: ended: /)
  })

  test('requests an IPv6 address in brackets, with the default port of the scheme', async () => {
    await using proxy = await startProxy((_, client) => client.end('HTTP/1.1 403 X\r\nContent-Length: 0\r\n\r\n'))
    for (const url of ['ws://[::1]/x', 'wss://[::1]/x', 'wss://a.invalid:8443']) {
      await fed('', ['-q', '--proxy', `http://127.0.0.1:${proxy.port}`, url])
    }
    expect(proxy.asked.map(({ target }) => target)).toEqual(['[::1]:80', '[::1]:443', 'a.invalid:8443'])
  })

  test.each([
    'S3NTINEL',
    'ftp://S3NTINEL',
    'socks5://S3NTINEL:1080',
    'http://S3NTINEL/path',
    'http://S3NTINEL?q',
    'http://',
  ])('%s is no proxy, and is not shown', async (proxy) => {
    const { code, stderr } = await fed('', ['--proxy', proxy, 'ws://a.invalid'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/--proxy \(of \d+ characters\) must be http:\/\/\[USER:PASSWORD@\]HOST:PORT/)
    expect(stderr).not.toContain('S3NTINEL')
  })
})
