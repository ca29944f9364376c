import { closeSync, existsSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { createFaultServer, faults, type FaultServerOptions } from '../../../../src/tools/testing/index.js'
import { certificate, key } from '../../../transports/certificate.js'
import { main, Program, residentBytes } from '../support/program.js'
import { spawn } from '../../../support/processes.js'

const server = (options: FaultServerOptions = {}) => createFaultServer({ logFrames: false, ...options })
const quick = ['--interval', '0.4', '--timeout', '0.4']

/** With all of this on its stdin. */
function fed(input: string, ...args: string[]): Program {
  const program = new Program(['connect', ...args], { input: true })
  program.process.stdin!.end(input)
  return program
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 15_000; !holds();) {
    if (Date.now() > end) throw new Error(`${what}: not within 15 s`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe.concurrent('a question on stdin', () => {
  test('is answered on stdout even though stdin ends at once', async () => {
    await using echo = await server()
    expect(await fed('hi\n', '-q', echo.url).ended).toEqual({ code: 0, stdout: 'hi\n', stderr: '' })
  })

  test('gets a late answer with --wait or --once', async () => {
    await using slow = await server({
      onMessage: (message, socket) => void setTimeout(() => socket.send(`re: ${String(message)}`), 1_500),
    })
    for (const how of ['--once', '--wait=4']) {
      expect(await fed('hi\n', '-q', how, slow.url).ended).toEqual({ code: 0, stdout: 're: hi\n', stderr: '' })
    }
  })

  test('waits for a server that starts later', async () => {
    await using echo = await server()
    await echo.stopListening()
    const program = fed('a\nb\nc', echo.url)
    await program.wrote(/attempt 1 failed: ECONNREFUSED · attempt 2 in/, 'stderr')
    await echo.listenAgain()
    const { code, stdout, stderr } = await program.ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'a\nb\nc\n' })
    expect(stderr).toMatch(/open again, attempt \d; sent 3 queued messages/)
  })

  test('needs no second link if the server closes after its answer', async () => {
    await using once = await server({
      onMessage: (message, socket) => {
        socket.send(message)
        socket.close(1000)
      },
    })
    expect(await fed('hi\n', '-q', once.url).ended).toEqual({ code: 0, stdout: 'hi\n', stderr: '' })
    expect(once.counts.upgraded).toBe(1)
  })

  test('may be lost if the server closes without an answer', async () => {
    await using deaf = await server({ onMessage: (_, socket) => socket.close(1000) })
    const { code, stderr } = await fed('hi\n', '-q', deaf.url).ended
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'statewire: 1 message may not have arrived\n' })
  })

  test('that may be lost is a failure', async () => {
    await using rude = await server({ onMessage: (_, _socket, link) => link.reset() })
    const { code, stderr } = await fed('hi\n', rude.url).ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/1 message may not have arrived/)
  })
})

describe.concurrent('an empty input', () => {
  test('makes connect listen, across links, until interrupted', async () => {
    const codes: number[] = []
    await using news = await server({
      onConnection(socket) {
        socket.send('news')
        socket.on('close', (code) => codes.push(code))
      },
    })
    const program = new Program(['connect', news.url])
    await program.wrote(/^news$/m)
    news.cut()
    await program.wrote(/^news\nnews$/m)
    program.process.kill('SIGTERM')
    const { code, stderr } = await program.ended
    expect(code).toBe(143)
    expect(stderr).toMatch(/^statewire: lost: cut off \(1006\) · attempt 2 in [\d.]+ s$/m)
    // It said goodbye.
    expect(codes.at(-1)).toBe(1000)
  })
})

describe.concurrent('a link that dies', () => {
  test('is replaced, and messages sent meanwhile arrive', { timeout: 30_000 }, async () => {
    await using echo = await server({ logFrames: true })
    const program = new Program(['connect', ...quick, echo.url], { input: true })
    const { stdin } = program.process
    stdin!.write('before\n')
    await program.wrote(/^before$/m)
    // An answer to a ping that was sent after it proves that it arrived.
    const pongs = (): number => JSON.stringify(echo.log).split('"pong"').length - 1
    const before = pongs()
    await until(() => pongs() >= before + 2, 'it was proved')
    echo.partition()
    await program.wrote(/lost: heartbeat timeout \(4000\)/, 'stderr')
    stdin!.write('during 1\nduring 2\n')
    echo.heal()
    await program.wrote(/^during 1\nduring 2$/m)
    stdin!.end('after\n')
    const { code, stdout } = await program.ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'before\nduring 1\nduring 2\nafter\n' })
  })

  test('ends connect with 1 without retries, and with 0 after a normal close', async () => {
    for (const [fault, expected, words] of [
      [faults.kill(), 1, 'ended: cut off (1006)'],
      [faults.acceptThenClose(1000), 0, ''],
      [faults.acceptThenClose(1011), 1, 'ended: closed 1011'],
      [faults.http(503), 1, 'ended: HTTP 503'],
    ] as const) {
      await using echo = await server()
      echo.use(fault)
      const { code, stderr } = await new Program(['connect', '-q', '--no-reconnect', echo.url]).ended
      expect({ code, stderr }).toEqual({ code: expected, stderr: words === '' ? '' : `statewire: ${words}\n` })
    }
  })

  test('is not retried if that is useless', async () => {
    await using echo = await server()
    echo.use(faults.http(404))
    const { code, stderr } = await fed('hi\n', '-q', echo.url).ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/^statewire: ended: HTTP 404\nstatewire: .*\nstatewire: 1 message not sent\n$/)
  })
})

describe.concurrent('pressure', () => {
  const megabyte = 1_048_576

  test('from a server faster than the reader of stdout reaches the server', { timeout: 60_000 }, async () => {
    const total = 200 * megabyte
    const line = 'x'.repeat(16_383)
    let handed = 0
    await using flood = await server({
      onConnection(socket) {
        const more = (): void => {
          while (handed < total && socket.bufferedAmount < megabyte) {
            socket.send(line)
            handed += line.length + 1
          }
          if (handed < total) setTimeout(more, 5)
          else socket.close(1000)
        }
        more()
      },
    })
    const program = new Program(['connect', '-q', '--no-reconnect', flood.url], { reads: false })
    // Nobody reads: it fills what there is to fill, and stops.
    let before = -1
    await until(() => {
      const still = handed > 0 && handed === before
      before = handed
      return still
    }, 'the server went on')
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(handed).toBeLessThan(40 * megabyte)
    let size = 0
    let most = 0
    for await (const chunk of program.process.stdout!) {
      size += (chunk as Buffer).length
      most = Math.max(most, residentBytes(program.process))
    }
    expect((await program.ended).code).toBe(0)
    expect(size).toBe(total)
    expect(most).toBeLessThan(200 * megabyte)
  })

  test('from an input faster than the link reaches the input', { timeout: 60_000 }, async () => {
    await using echo = await server({ onMessage: () => {} })
    await echo.stopListening()
    const program = new Program(['connect', '-q', '--wait', '0', echo.url], { input: true })
    const { stdin } = program.process
    const chunk = `${'x'.repeat(1_023)}\n`.repeat(1_024)
    let taken = 0
    let blocked = false
    const write = (): void => {
      while (taken < 200 && !blocked) {
        taken++
        blocked = !stdin!.write(chunk, () => {})
      }
      if (taken >= 200 && !stdin!.writableEnded) stdin!.end()
    }
    stdin!.on('drain', () => {
      blocked = false
      write()
    })
    write()
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    // A pipe, what is read ahead, and the queue.
    expect(taken).toBeLessThan(8)
    expect(residentBytes(program.process)).toBeLessThan(150 * megabyte)
    await echo.listenAgain()
    const { code } = await program.ended
    expect(code).toBe(0)
    expect(echo.counts.messagesIn).toBe(200 * 1_024)
  })

  // Not beside the floods of the others, which hold the throttle up.
  test(
    'of a slow link is waited for at the end: all of it arrives',
    { timeout: 60_000, concurrent: false },
    async () => {
      await using slow = await server({ onMessage: () => {} })
      slow.use(faults.throttle(400_000, 'in'))
      const program = fed(`${'x'.repeat(9_999)}\n`.repeat(200), '-q', '--wait', '0.1', slow.url)
      expect(await program.ended).toEqual({ code: 0, stdout: '', stderr: '' })
      expect(slow.counts.messagesIn).toBe(200)
    },
  )

  test('ends with connect when stdout is closed', async () => {
    await using flood = await server({
      onConnection: (socket) => {
        const timer = setInterval(() => socket.send('x'), 5)
        socket.on('close', () => clearInterval(timer))
      },
    })
    const program = new Program(['connect', '-q', flood.url])
    await program.wrote(/x/)
    program.process.stdout!.destroy()
    expect(await program.ended).toMatchObject({ code: 141, stderr: '' })
  })

  test.runIf(existsSync('/dev/full'))('of a disk that is full ends it, in words', async () => {
    await using echo = await server()
    const full = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, [main, 'connect', '-q', echo.url], { stdio: ['pipe', full, 'pipe'] })
    let stderr = ''
    child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.stdin!.write('hi\n')
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(1)
    expect(stderr).toMatch(/^statewire: what was to be written cannot be: ENOSPC: .*\n$/)
    closeSync(full)
  })

  test('from a stalled reader does not keep connect from exiting', async () => {
    await using flood = await server({
      onConnection: (socket) => {
        for (let count = 0; count < 100; count++) socket.send('x'.repeat(100_000))
      },
    })
    const program = new Program(['connect', '-q', flood.url], { reads: false })
    await flood.until('upgraded')
    await new Promise((resolve) => setTimeout(resolve, 500))
    program.process.kill('SIGINT')
    const code = await new Promise((resolve) => program.process.on('exit', resolve))
    expect(code).toBe(130)
  })
})

describe.concurrent('the options of connect', () => {
  let folder: string
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'statewire-connect-'))))
  afterAll(() => rm(folder, { recursive: true }))

  test('send headers and subprotocols without printing them, nor the user and query of the URL', async () => {
    const seen: unknown[] = []
    await using echo = await server({
      ws: { handleProtocols: (offered) => [...offered].at(-1)! },
      onConnection: (socket, { headers }) => {
        seen.push(headers['authorization'], headers['x-two'], headers['sec-websocket-protocol'])
        socket.close(1000, 'seen')
      },
    })
    const file = join(folder, 'headers')
    await writeFile(file, 'X-Two: S3NTINEL\n')
    const url = `${echo.url}/a?token=S3NTINEL`
    const args = ['-H', 'Authorization: S3NTINEL', '-H', `@${file}`, '-p', 'one', '-p', 'S3NTINEL-p']
    const { code, stdout, stderr } = await new Program(['connect', '--no-reconnect', ...args, url]).ended
    expect(seen).toEqual(['S3NTINEL', 'S3NTINEL', 'one,S3NTINEL-p'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toContain(`connecting to ${echo.url}/a?…`)
    expect(stderr).not.toContain('S3NTINEL')
  })

  test('a text heartbeat keeps the link, and its answers are not messages', async () => {
    await using chat = await server({
      onMessage: (message, socket) => socket.send(message === 'ping' ? 'pong' : message),
    })
    const program = new Program(['connect', '--json', '--heartbeat', 'text:ping', ...quick, chat.url], { input: true })
    await program.wrote(/"type":"heartbeat","at":\d+,"rtt":/)
    program.process.stdin!.end('hi\n')
    const { code, stdout } = await program.ended
    expect(code).toBe(0)
    expect(stdout).toMatch(/"text":"hi"/)
    expect(stdout).not.toMatch(/pong/)
  })

  test('--json prints each event as a line', async () => {
    await using echo = await server({
      onConnection: (socket) => socket.send(Buffer.from([1, 2])),
    })
    const { stdout } = await new Program(['connect', '--json', '-1', echo.url]).ended
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(events.map(({ type }) => type)).toEqual([
      ...['state', 'state', 'state', 'open', 'message', 'state', 'close', 'state'],
    ])
    expect(events[4]).toEqual({ type: 'message', at: expect.any(Number), base64: 'AQI=' })
    expect(events[6]).toMatchObject({ code: 1000, wasClean: true, willRetry: false })
  })

  test('binary messages are sent from hex and printed as hex', async () => {
    await using echo = await server()
    expect(await fed('00ff\n\n6869\n', '-q', '--send', 'hex', echo.url).ended).toEqual({
      code: 0,
      stdout: '00ff\n\n6869\n',
      stderr: '',
    })
    expect(await fed('secret\n', '-q', '--send', 'hex', echo.url).ended).toEqual({
      code: 1,
      stdout: '',
      stderr: 'statewire: an input line (of 6 characters) is not hex\n',
    })
  })

  test('--save writes each binary message to a file', async () => {
    await using echo = await server({ onConnection: (socket) => socket.send(Buffer.from('picture')) })
    const directory = join(folder, 'saved')
    const { code, stdout } = await new Program(['connect', '-q', '-1', '--save', directory, echo.url]).ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${join(directory, '000001.bin')}\n` })
    expect(await readFile(join(directory, '000001.bin'), 'utf8')).toBe('picture')
  })

  test('--record saves what the connection does, without payloads', async () => {
    await using echo = await server()
    const file = join(folder, 'session.jsonl')
    const args = ['--record', file, '-H', 'X: S3NTINEL', '-p', 'S3NTINEL', `${echo.url}/S3NTINEL`]
    const { code, stdout } = await fed('S3NTINEL\n', ...args).ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'S3NTINEL\n' })
    const text = await readFile(file, 'utf8')
    expect(text).not.toContain('S3NTINEL')
    const told = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; occurrence?: { kind: string }; figures?: object })
    expect(told[0]!.type).toBe('@xstate.actor')
    expect(told.flatMap(({ occurrence }) => occurrence?.kind ?? [])).toEqual(['open', 'close'])
    expect(told.findLast(({ figures }) => figures !== undefined)?.figures).toMatchObject({ sent: 1, received: 1 })
  })

  test('--record refuses to write through a symbolic link', async () => {
    const target = join(folder, 'target')
    await writeFile(target, 'precious')
    await symlink(target, join(folder, 'link'))
    const { code, stderr } = await fed('', '--record', join(folder, 'link'), 'ws://127.0.0.1:9').ended
    expect(code).toBe(2)
    expect(stderr).toMatch(/--record .*link cannot be used: it is a symbolic link: name the file itself/)
    expect(await readFile(target, 'utf8')).toBe('precious')
  })

  test('--record and --save create files that only their owner can read', async () => {
    await using echo = await server({ onConnection: (socket) => socket.send(Buffer.from('picture')) })
    const [file, directory] = [join(folder, 'private.jsonl'), join(folder, 'private')]
    await new Program(['connect', '-q', '-1', '--record', file, '--save', directory, echo.url]).ended
    for (const each of [file, join(directory, '000001.bin')]) expect((await stat(each)).mode & 0o777).toBe(0o600)
  })

  test('a private certificate authority is trusted only with --ca', async () => {
    const secure = createServer({ key, cert: certificate })
    const sockets = new WebSocketServer({ server: secure })
    sockets.on('connection', (socket) => socket.on('message', (message) => socket.send(String(message))))
    await new Promise<void>((resolve) => secure.listen(0, 'localhost', resolve))
    try {
      const url = `wss://localhost:${(secure.address() as AddressInfo).port}/`
      const ca = join(folder, 'ca.pem')
      await writeFile(ca, certificate)
      expect(await fed('hi\n', '-q', '--ca', ca, url).ended).toEqual({ code: 0, stdout: 'hi\n', stderr: '' })
      const { code, stderr } = await new Program(['connect', '-q', '--no-reconnect', url]).ended
      expect(code).toBe(1)
      expect(stderr).toMatch(/SELF_SIGNED/)
    } finally {
      for (const each of sockets.clients) each.terminate()
      secure.close()
    }
  })

  test('--cert and --key send a client certificate', async () => {
    const secure = createServer({
      key,
      cert: certificate,
      ca: certificate,
      requestCert: true,
      rejectUnauthorized: true,
    })
    const sockets = new WebSocketServer({ server: secure })
    sockets.on('connection', (socket) => socket.on('message', (message) => socket.send(String(message))))
    await new Promise<void>((resolve) => secure.listen(0, 'localhost', resolve))
    try {
      const url = `wss://localhost:${(secure.address() as AddressInfo).port}/`
      const [cert, itsKey] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
      await Promise.all([writeFile(cert, certificate), writeFile(itsKey, key)])
      const own = ['--cert', cert, '--key', itsKey]
      expect(await fed('hi\n', '-q', '--ca', cert, ...own, url).ended).toEqual({ code: 0, stdout: 'hi\n', stderr: '' })
      expect((await new Program(['connect', '-q', '--no-reconnect', '--ca', cert, url]).ended).code).toBe(1)
      const swapped = await new Program(['connect', '--cert', itsKey, '--key', cert, url]).ended
      expect(swapped).toMatchObject({ code: 2, stderr: expect.stringMatching(/the certificates cannot be used/) })
    } finally {
      for (const each of sockets.clients) each.terminate()
      secure.close()
    }
  })

  test.each([
    [['ftp://server.test'], /scheme ftp:/],
    [['ws://server.test', '-p', 'a b'], /protocols/],
    [['ws://server.test', '--ca', '/none'], /--ca \/none cannot be used: ENOENT/],
    [['ws://server.test', '--ca', 'package.json'], /--ca package\.json cannot be used: it contains no PEM/],
    [['ws://server.test', '--record', '/none/x'], /--record \/none\/x cannot be used: ENOENT/],
    [['ws://server.test', '--status', 'live'], /needs a terminal/],
  ])('%j makes no sense', async (args, message) => {
    const { code, stdout, stderr } = await new Program(['connect', ...args]).ended
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/^ +at /m)
  })
})
