import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createFaultServer } from '../../../src/tools/testing/index.js'
import { main, Program } from './support/program.js'
import { haveTmux, Terminal } from './support/terminal.js'

let folder: string
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'statewire-inspect-'))))
afterAll(() => rm(folder, { recursive: true }))

const viewerAddress = /^ +(http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/)$/m
const applicationAddress = /^ +STATEWIRE_INSPECT=(ws:\/\/127\.0\.0\.1:\d+\/[\w-]{32})$/m

describe.concurrent('statewire inspect', () => {
  test('prints the address to open, and one for applications such as connect', async () => {
    await using echo = await createFaultServer({ logFrames: false })
    const inspect = new Program(['inspect'])
    const [, viewer = ''] = await inspect.wrote(viewerAddress)
    const [, relay = ''] = await inspect.wrote(applicationAddress)
    const page = await fetch(viewer)
    expect(await page.text()).toContain('<title>statewire viewer</title>')
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")

    const client = new Program(['connect', echo.url], { input: true, env: { STATEWIRE_INSPECT: relay } })
    await inspect.wrote(/^1 application, 0 connections, 0 viewers$/m)
    client.process.stdin!.end('hi\n')
    expect(await client.ended).toMatchObject({ code: 0, stdout: 'hi\n' })
    await inspect.wrote(/^0 applications, 0 connections, 0 viewers$/m)
    inspect.process.kill('SIGTERM')
    expect(await inspect.ended).toMatchObject({ code: 143, stderr: '' })
  })

  test('shows the lab', async () => {
    const inspect = new Program(['inspect'])
    const [, relay = ''] = await inspect.wrote(applicationAddress)
    const lab = new Program(['lab'], { env: { STATEWIRE_INSPECT: relay } })
    await inspect.wrote(/^1 application/m)
    lab.process.kill('SIGTERM')
    expect(await lab.ended).toMatchObject({ code: 143, stderr: '' })
    await inspect.wrote(/^1 application[^]*^0 applications/m)
    inspect.process.kill('SIGTERM')
    await inspect.ended
  })

  test('listens at STATEWIRE_INSPECT, so that applications reconnect to it', async () => {
    await using echo = await createFaultServer({ logFrames: false })
    const first = new Program(['inspect'])
    const [, relay = ''] = await first.wrote(applicationAddress)
    const env = { STATEWIRE_INSPECT: relay }
    const client = new Program(['connect', '-q', echo.url], { input: true, env })
    await first.wrote(/^1 application/m)
    first.process.kill('SIGINT')
    await first.ended
    const second = new Program(['inspect'], { env })
    expect((await second.wrote(applicationAddress))[1]).toBe(relay)
    expect(second.stdout).not.toMatch(new RegExp(String(viewerAddress.exec(first.stdout)?.[1])))
    await second.wrote(/^1 application/m)
    client.process.kill('SIGTERM')
    second.process.kill('SIGTERM')
    await Promise.all([client.ended, second.ended])
  })

  test('does not disturb an application when it ends', async () => {
    await using echo = await createFaultServer({ logFrames: false })
    const inspect = new Program(['inspect'])
    const [, relay = ''] = await inspect.wrote(applicationAddress)
    const client = new Program(['connect', '-q', echo.url], { input: true, env: { STATEWIRE_INSPECT: relay } })
    await inspect.wrote(/^1 application/m)
    inspect.process.kill('SIGINT')
    expect((await inspect.ended).code).toBe(130)
    client.process.stdin!.end('hi\n')
    expect(await client.ended).toEqual({ code: 0, stdout: 'hi\n', stderr: '' })
  })

  test('shows a recording of connect', async () => {
    await using echo = await createFaultServer({ logFrames: false })
    const file = join(folder, 'session.jsonl')
    const client = new Program(['connect', '-q', '--record', file, echo.url], { input: true })
    client.process.stdin!.end('hi\n')
    await client.ended
    for (const command of ['inspect', 'connect']) {
      const replay = new Program([command, '--replay', file])
      const [, viewer = ''] = await replay.wrote(viewerAddress)
      expect(replay.stdout).toMatch(/to see session\.jsonl:/)
      expect(replay.stdout).not.toContain('STATEWIRE_INSPECT')
      expect(await (await fetch(`${viewer}recording`)).text()).toBe(await readFile(file, 'utf8'))
      replay.process.kill('SIGTERM')
      await replay.ended
    }
  })

  test('--open starts a browser, without the address on its command line', async () => {
    const browser = join(folder, 'browser')
    const heard = join(folder, 'heard')
    await writeFile(browser, `#!/bin/sh\necho "$1" > ${heard}.new && mv ${heard}.new ${heard}\n`)
    await chmod(browser, 0o755)
    const inspect = new Program(['inspect', '--open'], { env: { BROWSER: browser } })
    const [, viewer = ''] = await inspect.wrote(viewerAddress)
    const opened = async (): Promise<string> => {
      for (;;) {
        const text = await readFile(heard, 'utf8').catch(() => '')
        if (text !== '') return text.trim()
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    const url = await opened()
    expect(url).not.toContain(new URL(viewer).pathname)
    const file = fileURLToPath(url)
    expect(await readFile(file, 'utf8')).toContain(`content="0; url=${viewer}"`)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    inspect.process.kill('SIGTERM')
    await inspect.ended
    await expect(stat(file)).rejects.toThrow('ENOENT')
  })

  test('without a browser says so, and goes on', async () => {
    const inspect = new Program(['inspect', '--open'], { env: { BROWSER: join(folder, 'none') } })
    await inspect.wrote(/No browser was opened \(spawn .*ENOENT\)/)
    inspect.process.kill('SIGTERM')
    expect(await inspect.ended).toMatchObject({ code: 143, stderr: '' })
  })

  test('goes on after a message that is nested 20,000 deep', async () => {
    const inspect = new Program(['inspect'])
    const [, relay = ''] = await inspect.wrote(applicationAddress)
    const [, viewer = ''] = await inspect.wrote(viewerAddress)
    const looker = new WebSocket(`${viewer.replace('http', 'ws')}viewer`, { origin: new URL(viewer).origin })
    await once(looker, 'open')
    const app = new WebSocket(relay)
    await once(app, 'open')
    const deep = '['.repeat(20_000) + ']'.repeat(20_000)
    app.send(`{"type":"@xstate.event","sessionId":"x","event":${deep}}`)
    app.send('{"type":"@xstate.event","sessionId":"x","event":{"type":"shallow"}}')
    const [message] = (await once(looker, 'message')) as [Buffer]
    expect(JSON.parse(message.toString())).toMatchObject({ event: { type: 'shallow' } })
    app.terminate()
    looker.terminate()
    inspect.process.kill('SIGTERM')
    expect(await inspect.ended).toMatchObject({ code: 143, stderr: '' })
  })

  test.each([
    ['a refused upgrade', 'GET /x HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'],
    ['half a request', 'GET / HTTP/1.1\r\n'],
    ['no request', ''],
  ])('ends when it is interrupted, although %s keeps a connection open', async (_, request) => {
    const inspect = new Program(['inspect'])
    const [, viewer = ''] = await inspect.wrote(viewerAddress)
    const socket = connect({ port: Number(new URL(viewer).port), host: '127.0.0.1', allowHalfOpen: true })
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.write(request)
    if (request.includes('Upgrade')) await once(socket, 'data')
    inspect.process.kill('SIGINT')
    expect(await inspect.ended).toMatchObject({ code: 130, stderr: '' })
    socket.destroy()
  })

  test('limits the census lines for thousands of connections, and the last one is correct', async () => {
    const inspect = new Program(['inspect'])
    const [, relay = ''] = await inspect.wrote(applicationAddress)
    const app = new WebSocket(relay)
    await once(app, 'open')
    for (let index = 0; index < 5_000; index++) app.send(`{"type":"@xstate.actor","sessionId":"x:${index}"}`)
    await inspect.wrote(/^1 application, 5000 connections, 0 viewers$/m)
    expect(inspect.stdout.match(/^1 application, /gm)!.length).toBeLessThan(1_000)
    app.terminate()
    await inspect.wrote(/^0 applications, 0 connections, 0 viewers$/m)
    inspect.process.kill('SIGTERM')
    await inspect.ended
  })

  test('exits with 1 if the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    const { code, stderr } = await new Program(['inspect', '--port', String(port)]).ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/^statewire: cannot listen: .*EADDRINUSE/)
    other.close()
  })

  test.each([
    [['--port', 'x'], /--port \(x\) must be a whole number/],
    [['--port', '70000'], /port \(70000\) must be/],
    [['--origin', 'evil.example'], /origins \(evil\.example\) must be origins/],
    [['--replay', 'none.jsonl'], /--replay none\.jsonl cannot be read: ENOENT/],
    [['--replay', 'package.json'], /--replay package\.json is not a recording/],
    [['--replay', 'x', '--origin', 'http://a.test'], /--origin cannot be combined with --replay/],
  ])('inspect %j is a usage error', async (args, message) => {
    const { code, stdout, stderr } = await new Program(['inspect', ...args]).ended
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).toContain('See statewire inspect --help.')
  })

  test.each([
    [[], 'ws://192.168.0.1:4400/abcdefghijklmnopqrstuvwxyz', /STATEWIRE_INSPECT must be an address of this machine/],
    [[], 'ws://127.0.0.1:4400/S3NTINEL', /token \(of 8 characters\) must have 22/],
    [
      ['--port', '1'],
      'ws://127.0.0.1:4400/abcdefghijklmnopqrstuvwxyz',
      /--port cannot be combined with STATEWIRE_INSPECT/,
    ],
  ])('inspect %j with STATEWIRE_INSPECT=%s is a usage error', async (args, address, message) => {
    const { code, stderr } = await new Program(['inspect', ...args], { env: { STATEWIRE_INSPECT: address } }).ended
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
    expect(stderr).not.toContain('S3NTINEL')
  })

  test('an invalid STATEWIRE_INSPECT is a usage error, and is not printed', async () => {
    const { code, stderr } = await new Program(['connect', 'ws://127.0.0.1:9'], {
      env: { STATEWIRE_INSPECT: 'S3NTINEL' },
    }).ended
    expect(code).toBe(2)
    expect(stderr).toMatch(/STATEWIRE_INSPECT: url/)
    expect(stderr).not.toContain('S3NTINEL')
  })
})

const title = haveTmux ? 'inspect in a real terminal' : 'inspect in a real terminal (SKIPPED: tmux is not installed)'

describe.skipIf(!haveTmux).concurrent(title, { timeout: 60_000 }, () => {
  test('one row shows the census, and Ctrl-C ends it', async () => {
    await using echo = await createFaultServer({ logFrames: false })
    await using terminal = await Terminal.open(100, 30)
    await terminal.start('inspect')
    const screen = await terminal.shows(/^0 applications, 0 connections, 0 viewers$/m)
    expect(screen).toMatch(/^ {2}if \(relay\) linkRelay/m)
    await using other = await Terminal.open(100, 30)
    const [, relay = ''] = applicationAddress.exec(screen) ?? []
    await other.type(`clear; STATEWIRE_INSPECT=${relay} ${process.execPath} ${main} connect ${echo.url}`)
    await terminal.shows(/^1 application, 0 connections, 0 viewers$/m)
    await other.press('C-c')
    await terminal.shows(/^0 applications, 0 connections, 0 viewers$/m)
    await terminal.press('C-c')
    await terminal.shows(/exit code 130/)
    expect(await terminal.cursorIsVisible()).toBe(true)
  })
})
