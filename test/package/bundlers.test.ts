// The package as users bundle it, against a real server.
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { sessionServer } from '../../src/server/index.js'
import { chromiumArgs, chromiumPath } from '../support/chromium.js'
import { bundle } from './bundling/bundlers.js'
import { bundlers, modes, type Texts } from './bundling/orders.js'
import { haveTools, packedProject, run, tools, type Project } from './packed.js'

let project: Project
let server: WebSocketServer
let sessions: WebSocketServer
let browser: Browser | undefined
let apps: Texts
let nodeApp: string
/** What the apps print unbundled. */
let whole: Readonly<Record<string, Heard>>
beforeAll(async () => {
  project = await packedProject()
  await project.link('ws')
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (socket) => socket.on('message', (data) => socket.send(`${String(data)} back`)))
  await new Promise((resolve) => server.once('listening', resolve))
  sessions = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  sessionServer({ server: sessions, authenticate: () => ({ principal: 'ann' }) }).on('session', (session) =>
    session.on('message', (data) => session.send(`${String(data)} back`)),
  )
  await new Promise((resolve) => sessions.once('listening', resolve))
  const urlOf = (each: WebSocketServer): string => `ws://127.0.0.1:${(each.address() as AddressInfo).port}/`
  apps = appsFor(urlOf(server), urlOf(sessions))
  nodeApp = overWs(urlOf(server))
  const unbundled = Object.entries({ ...apps, node: nodeApp, server: serverApp }).map(async ([name, app]) => {
    const file = join(project.folder, `unbundled-${name}.mjs`)
    await writeFile(file, app)
    return [name, await inNode(file)] as const
  })
  whole = Object.fromEntries(await Promise.all(unbundled))
  if (existsSync(chromiumPath)) browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumArgs })
}, 60_000)
afterAll(async () => {
  await browser?.close()
  for (const each of [server, sessions]) {
    each.close()
    for (const client of each.clients) client.terminate()
  }
  await project.remove()
})

/** Each prints what it received, and the package's wording of an error. */
const appsFor = (url: string, sessionsUrl: string): Texts => ({
  connection: `
    import { createConnection, textHeartbeat } from 'statewire'
    const heartbeat = textHeartbeat({ ping: 'ping', pong: 'pong' })
    const connection = createConnection('${url}', { heartbeat })
    connection.on('message', (message) => {
      let code, text
      try { createConnection('nonsense:') } catch (error) { ({ code, message: text } = error) }
      console.log(JSON.stringify({ heard: message, state: connection.state, code, text }))
      void connection.close()
    })
    connection.send('there and')`,
  core: `
    import { webSocketTransport } from 'statewire'
    import { checks, codec, connect } from 'statewire/core'
    const features = [checks(), codec({ encode: ([text]) => text, decode: (data) => [data] })]
    const transport = webSocketTransport()
    const connection = connect('${url}', { transport, features })
    connection.on('message', ([message]) => {
      const { state } = connection
      let code, text
      connection.close()
      try { connection.send(['too late']) } catch (error) { ({ code, message: text } = error) }
      console.log(JSON.stringify({ heard: message, state, code, text }))
    })
    connection.send(['there and'])`,
  session: `
    import { createConnection } from 'statewire'
    import { resumable } from 'statewire/resume'
    const session = resumable()
    const connection = createConnection('${sessionsUrl}', { features: [session] })
    connection.on('message', (message) => {
      let code, text
      try { session.received(1) } catch (error) { ({ code, message: text } = error) }
      console.log(JSON.stringify({ heard: message, state: session.state, code, text }))
      void connection.close()
    })
    connection.send('there and')`,
  'drop-in class': `
    import { ReconnectingWebSocket } from 'statewire/websocket'
    const socket = new ReconnectingWebSocket('${url}')
    socket.onopen = () => socket.send('there and')
    socket.onmessage = ({ data }) => {
      let code, text
      try { new ReconnectingWebSocket('nonsense:') } catch (error) { ({ name: code, message: text } = error) }
      console.log(JSON.stringify({ heard: data, state: socket.readyState, code, text }))
      socket.close()
    }`,
})

interface Heard {
  readonly heard: string
  readonly state: string | number
  readonly code: string
  readonly text: string
}

const overWs = (url: string): string => `
  import { createConnection } from 'statewire'
  import { wsTransport } from 'statewire/ws'
  const connection = createConnection('${url}', { transport: wsTransport() })
  connection.on('message', (message) => {
    let code, text
    try { createConnection('nonsense:') } catch (error) { ({ code, message: text } = error) }
    console.log(JSON.stringify({ heard: message, state: connection.state, code, text }))
    void connection.close()
  })
  connection.send('there and')`

/** Has a session with itself. */
const serverApp = `
  import { createConnection } from 'statewire'
  import { resumable } from 'statewire/resume'
  import { sessionServer } from 'statewire/server'
  import { wsTransport } from 'statewire/ws'
  import { WebSocketServer } from 'ws'
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  const sessions = sessionServer({ server, authenticate: () => ({ principal: 'ann' }) })
  sessions.on('session', (session) => session.on('message', (data) => session.send(data + ' back')))
  server.once('listening', () => {
    const session = resumable()
    const url = 'ws://127.0.0.1:' + server.address().port
    const connection = createConnection(url, { transport: wsTransport(), features: [session] })
    connection.on('message', async (message) => {
      let code, text
      try { sessionServer({}) } catch (error) { ({ code, message: text } = error) }
      console.log(JSON.stringify({ heard: message, state: session.state, code, text }))
      await connection.close()
      await sessions.close()
      server.close()
    })
    connection.send('there and')
  })`

async function inNode(file: string): Promise<Heard> {
  // Node 20 has a WebSocket behind this flag.
  const { stdout } = await run(process.execPath, ['--experimental-websocket', '--no-warnings', file], {
    timeout: 20_000,
  })
  return JSON.parse(stdout) as Heard
}

async function inChromium(text: string): Promise<Heard> {
  const page = await browser!.newPage()
  try {
    const said = page.waitForEvent('console')
    await page.addScriptTag({ content: text, type: 'module' })
    return JSON.parse((await said).text()) as Heard
  } finally {
    await page.close()
  }
}

const expected: Readonly<Record<string, Omit<Heard, 'text'>>> = {
  connection: { heard: 'there and back', state: 'open', code: 'ERR_URL' },
  core: { heard: 'there and back', state: 'open', code: 'ERR_ENDED' },
  session: { heard: 'there and back', state: 'attached', code: 'ERR_OPTION' },
  'drop-in class': { heard: 'there and back', state: 1, code: 'SyntaxError' },
}

/** A message that occurs once in XState, and what a bundler would leave of an import. */
const ofXState = /Unable to evaluate guard|["']xstate["']/

describe.each(bundlers)('bundled for a browser by %s', { timeout: 120_000 }, (bundler) => {
  it.each(modes)('for %s an app connects, in Chromium too, and contains no Node code', async (mode) => {
    const bundles = await bundle(bundler, project, apps, { mode, platform: 'browser' })
    for (const [name, code] of Object.entries(bundles)) {
      expect(code).not.toMatch(/["']node:|require\(["'](?:fs|net|http|ws|crypto)["']\)|createRequire/)
      expect(code).not.toMatch(ofXState)
      const file = join(project.folder, `${bundler}-${mode}.mjs`)
      await writeFile(file, code)
      const heard = [await inNode(file), ...(browser === undefined ? [] : [await inChromium(code)])]
      const { text } = whole[name]!
      for (const each of heard) {
        expect(each, name).toMatchObject(expected[name]!)
        if (mode === 'development') expect(each.text).toBe(text)
        else expect(each.text).toContain('docs/errors.md#')
      }
    }
  })

  it('for Node an app connects over ws, another serves sessions, and both contain the full error messages', async () => {
    const choice = { mode: 'production', platform: 'node', external: ['ws'] } as const
    const bundles = await bundle(bundler, project, { node: nodeApp, server: serverApp }, choice)
    for (const [name, app] of Object.entries(bundles)) {
      expect(app).not.toMatch(ofXState)
      const file = join(project.folder, `${bundler}-${name}.${bundler === 'webpack' ? 'cjs' : 'mjs'}`)
      await writeFile(file, app)
      const heard = await inNode(file)
      expect(heard).toMatchObject({ heard: 'there and back' })
      expect(heard).toEqual(whole[name])
    }
  })
})

describe('bundled for a browser by Bun', { timeout: 60_000 }, () => {
  const skipped = haveTools ? '' : ' [SKIPPED: npm ci --prefix test/runtimes]'
  const test = haveTools || process.env['CI'] ? it : it.skip
  test(`an app connects${skipped}`, async () => {
    const [file, out] = ['app.js', 'Bun.mjs'].map((name) => join(project.folder, name)) as [string, string]
    await writeFile(file, apps['connection']!)
    const bun = join(tools, '@oven/bun-linux-x64/bin/bun')
    await run(bun, ['build', file, '--minify', '--target=browser', `--outfile=${out}`], { cwd: project.folder })
    expect(await inNode(out)).toMatchObject(expected['connection']!)
  })
})
