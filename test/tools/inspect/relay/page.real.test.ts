import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createConnection } from '../../../../src/index.js'
import { linkRelay, observe } from '../../../../src/tools/inspect/index.js'
import { createRelay } from '../../../../src/tools/inspect/relay/index.js'
import { createFaultServer } from '../../../../src/tools/testing/index.js'
import { wsTransport } from '../../../../src/transports/ws.js'
import { launch } from '../../../faults/browsers/chromium.js'
import { chromiumPath } from '../../../support/chromium.js'
import { until } from './support/visitors.js'

const haveChromium = existsSync(chromiumPath)
if (!haveChromium && process.env['CI']) throw new Error(`these tests need Chromium, and ${chromiumPath} is not there`)
const title = haveChromium ? 'the page' : `the page (SKIPPED: no Chromium at ${chromiumPath})`

/** A viewer that shows what it receives, and what it was not allowed to do. */
const curious = `<!doctype html><body><script>
const say = (text) => document.body.append(text, document.createElement('br'))
addEventListener('message', ({ data }) => say(data.type + ' ' + (data.text ?? '')))
parent.postMessage({ type: '@statelyai.connected' }, '*')
say('origin ' + origin)
try { parent.document; say('parent seen') } catch { say('parent hidden') }
const url = new URL('viewer', location.href)
fetch('recording').then(() => say('fetched'), () => say('no fetch'))
url.protocol = 'ws:'
const socket = new WebSocket(url)
socket.onopen = () => say('dialed')
socket.onerror = () => say('no socket')
</script>`

describe.skipIf(!haveChromium)(title, () => {
  let browser: Browser
  beforeAll(async () => (browser = await launch()), 30_000)
  afterAll(() => browser.close())

  async function open(url: string): Promise<Page & { readonly complaints: string[] }> {
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', ({ message }) => complaints.push(message))
    await page.goto(url)
    return Object.assign(page, { complaints })
  }
  const viewerOf = (page: Page): ReturnType<Page['frameLocator']> => page.frameLocator('iframe')

  it('the page shows a connection that lives in Node, and follows it', async () => {
    await using relay = await createRelay()
    await using server = await createFaultServer()
    await using connection = createConnection(server.url, { transport: wsTransport() })
    const link = linkRelay(relay.url, { transport: wsTransport() })
    link.show(connection, { name: 'prices' })
    const page = await open(relay.viewerUrl)
    const viewer = viewerOf(page).locator('body')
    await viewer.getByText('prices').first().waitFor()
    await viewer
      .getByText(/^Open$/)
      .first()
      .waitFor()
    await server.stopListening()
    server.cut()
    await viewer.getByText('Backing off').first().waitFor()
    link.close()
    await until(() => relay.census.applications === 0, 'it has left')
    expect(page.complaints).toEqual([])
    await page.close()
    await until(() => relay.census.viewers === 0, 'the page has left')
  })

  it('the page gets the current state again after a disconnect, as after falling behind', async () => {
    await using relay = await createRelay()
    await using connection = createConnection('ws://127.0.0.1:9/', { transport: wsTransport(), autoOpen: false })
    const link = linkRelay(relay.url, { transport: wsTransport() })
    link.show(connection, { name: 'prices' })
    const page = await open(relay.viewerUrl)
    await viewerOf(page).getByText('prices').first().waitFor()
    // The page loses its socket without a reason.
    await page.evaluate('socket.close()')
    await until(() => relay.census.viewers === 0, 'it was cut off')
    await until(() => relay.census.viewers === 1 && link.watched, 'it is back')
    await page.close()
    link.close()
  })

  it('the page says so when the relay is gone', async () => {
    const relay = await createRelay()
    const page = await open(relay.viewerUrl)
    await until(() => relay.census.viewers === 1, 'it came')
    await relay.close()
    await page.getByText('The relay does not answer').waitFor()
    await page.close()
  })

  it('the page passes the viewer its messages and nothing else: no origin, no network, no access to the page around it', async () => {
    await using relay = await createRelay({ viewer: curious })
    const page = await open(relay.viewerUrl)
    const body = viewerOf(page).locator('body')
    for (const text of ['origin null', 'parent hidden', 'no fetch', 'no socket']) await body.getByText(text).waitFor()
    expect(await body.innerText()).not.toMatch(/parent seen|^fetched|dialed/m)
    expect(relay.census.viewers).toBe(1)
    await page.close()
  })

  it('the page plays a recording', async () => {
    const lines: string[] = []
    await using server = await createFaultServer()
    {
      await using connection = createConnection(server.url, { transport: wsTransport() })
      observe(connection, (message) => lines.push(JSON.stringify(message)), { name: 'prices' })
      await connection.opened()
    }
    await using relay = await createRelay({ replay: { name: 'session.jsonl', text: lines.join('\n') } })
    const page = await open(relay.viewerUrl)
    const viewer = viewerOf(page)
    await viewer.getByText(`session.jsonl, ${lines.length} messages`).waitFor()
    await viewer.getByText('prices').first().waitFor()
    expect(page.complaints).toEqual([])
    expect(relay.census.viewers).toBe(0)
    await page.close()
  })

  it('the page passes a recording on unchanged, whatever its name', async () => {
    const text = `${JSON.stringify({ type: '@statewire.gone', sessionId: 'x' })}\n`
    await using relay = await createRelay({ viewer: curious, replay: { name: '"><b>a', text } })
    const page = await open(relay.viewerUrl)
    await viewerOf(page).getByText(`@statewire.recording ${text.trim()}`).waitFor()
    expect(await page.locator('b').count()).toBe(0)
    expect(relay.census.viewers).toBe(0)
    await page.close()
  })

  describe('a page of another origin', () => {
    let site: Server
    let origin: string
    beforeAll(async () => {
      site = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<body>')).listen(
        0,
        '127.0.0.1',
      )
      await new Promise((resolve) => site.once('listening', resolve))
      origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
    })
    afterAll(() => site.close())

    it('can neither read, show nor report, even with both addresses', async () => {
      await using relay = await createRelay({ viewer: curious })
      const page = await open(origin)
      const outcome = await page.evaluate(
        async ({ url, viewerUrl }) => {
          const read = (from: string): Promise<string> =>
            fetch(from).then(
              () => 'read',
              () => 'refused',
            )
          const dial = (to: string): Promise<string> =>
            new Promise((resolve) => {
              const socket = new WebSocket(to)
              socket.addEventListener('open', () => resolve('open'))
              socket.addEventListener('error', () => resolve('refused'))
            })
          const frame = document.createElement('iframe')
          frame.src = viewerUrl
          document.body.append(frame)
          await new Promise((resolve) => frame.addEventListener('load', resolve))
          return [await read(viewerUrl), await dial(url), await dial(`${viewerUrl.replace('http', 'ws')}viewer`)]
        },
        { url: relay.url, viewerUrl: relay.viewerUrl },
      )
      expect(outcome).toEqual(['refused', 'refused', 'refused'])
      expect(relay.census).toEqual({ applications: 0, connections: 0, viewers: 0 })
      expect(page.frames()[1]!.url()).toMatch(/^chrome-error:/)
      await page.close()
    })

    it('can report if its origin is allowed, but not view', async () => {
      await using relay = await createRelay({ viewer: curious, origins: [origin] })
      const page = await open(origin)
      const dial = (to: string): Promise<string> =>
        page.evaluate(
          (where) =>
            new Promise<string>((resolve) => {
              const socket = new WebSocket(where)
              socket.addEventListener('open', () => resolve('open'))
              socket.addEventListener('error', () => resolve('refused'))
            }),
          to,
        )
      expect(await dial(relay.url)).toBe('open')
      expect(await dial(`${relay.viewerUrl.replace('http', 'ws')}viewer`)).toBe('refused')
      expect(relay.census).toEqual({ applications: 1, connections: 0, viewers: 0 })
      await page.close()
    })
  })
})
