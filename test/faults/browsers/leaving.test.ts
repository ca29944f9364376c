// What an app sends while its page unloads. The reference is a plain WebSocket of the same page, used by the same
// listeners: what the browser delivers from it must be delivered from the connection too. Pages go into the
// back/forward cache here, as users' pages do.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createFaultServer, type FaultServer } from '../../../src/tools/testing/index.js'
import { chromiumPath } from '../../support/chromium.js'
import { missing, type Page } from './browser.js'
import { ChromiumPage, launch } from './chromium.js'
import * as firefox from './firefox.js'
import { serveSite, type Site } from './site.js'
import * as webkit from './webkit.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

type LifecycleEvent = 'beforeunload' | 'pagehide' | 'visibilitychange' | 'freeze' | 'resume' | 'pageshow'
type Way = 'navigation' | 'navigation without the cache' | 'reload' | 'tab close'

interface Driver extends AsyncDisposable {
  open(url: string): Promise<Page>
}

interface BrowserUnderTest {
  readonly name: string
  readonly path: string
  readonly launch: () => Promise<Driver>
  /** During which events a page's sockets still send, by the kind of unload. */
  readonly speaks: Partial<Record<Way, readonly LifecycleEvent[]>>
  /** Whether it caches pages with an open WebSocket. */
  readonly caches: boolean
}

const browsers: readonly BrowserUnderTest[] = [
  {
    name: 'Chromium',
    path: chromiumPath,
    async launch() {
      const browser = await launch()
      return { open: (url) => ChromiumPage.open(browser, url), [Symbol.asyncDispose]: () => browser.close() }
    },
    speaks: {
      navigation: ['pagehide', 'visibilitychange', 'freeze'],
      'navigation without the cache': ['pagehide', 'visibilitychange'],
      reload: ['pagehide', 'visibilitychange'],
      'tab close': ['pagehide', 'visibilitychange'],
    },
    caches: true,
  },
  {
    name: 'Firefox',
    path: firefox.executablePath,
    launch: () => firefox.Firefox.launch(),
    // It closes a page's sockets when a navigation begins, before `pagehide`. When a tab is closed, that races with
    // `pagehide`: any socket, even a plain one, may or may not send.
    speaks: { navigation: ['beforeunload'], reload: ['beforeunload'] },
    caches: false,
  },
  {
    name: 'WebKit',
    path: webkit.executablePath,
    launch: () => webkit.WebKit.launch(),
    speaks: {
      navigation: ['pagehide', 'visibilitychange'],
      reload: ['pagehide', 'visibilitychange'],
      'tab close': ['pagehide', 'visibilitychange'],
    },
    caches: true,
  },
]

/** In the page: listens on every target and phase, and calls `last` with the event and the place. */
const listening = `(when, types, last) => {
  for (const target of [window, document])
    for (const capture of [true, false])
      for (const type of types)
        target.addEventListener(type, (event) => {
          last([type, document.visibilityState, target === window ? 'window' : 'document', capture ? 'capture' : 'bubble', when].join(' '), event)
        }, capture)
}`

/** In the page: the three sockets, by their names here and at the server. */
const making = `async (url) => {
  const { ReconnectingWebSocket } = await import('/dist/src/websocket/index.js')
  const heartbeat = textHeartbeat({ interval: 2_000, timeout: 1_000, ping: 'ping', pong: 'pong' })
  start(url + '/connection', { heartbeat, backoff: fixedBackoff(30_000) })
  const waiting = { minReconnectionDelay: 30_000, maxReconnectionDelay: 30_000 }
  const dropIn = new ReconnectingWebSocket(url + '/dropIn', [], { heartbeat, ...waiting })
  const raw = new Raw(url + '/raw')
  globalThis.sockets = { raw, connection, dropIn }
  const open = new Promise((opened) => (raw.onopen = opened))
  await Promise.all([open, connection.opened(), dropIn.connection.opened()])
}`

const names = ['raw', 'connection', 'dropIn'] as const
type Name = (typeof names)[number]

describe.each(browsers)('in $name', ({ name: browser, path, launch: launchBrowser, speaks, caches }) => {
  const absent = missing(browser, path)
  let site: Site
  let driver: Driver
  let server: FaultServer
  let pages: Page[] = []
  /** What its server received, by the socket's name, including a close. */
  let heard: Record<Name, string[]>

  beforeAll(async () => {
    if (absent !== undefined) return
    site = await serveSite()
    driver = await launchBrowser()
  })
  afterAll(async () => {
    await driver?.[Symbol.asyncDispose]()
    await site?.[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    heard = { raw: [], connection: [], dropIn: [] }
    server = await createFaultServer({
      onConnection: (socket, { url }) => {
        const { [url!.slice(1) as Name]: log } = heard
        socket.on('message', (data: Buffer) => {
          const text = data.toString()
          if (text === 'ping') socket.send('pong')
          else log.push(text)
        })
        socket.on('close', (code, reason) => log.push(`closed with ${code} ${reason.toString()}`.trim()))
      },
    })
  })
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close()
    await server?.close()
  })

  /** A page whose app adds listeners before and after it creates its sockets. `last` is the source of their action. */
  async function open(types: readonly LifecycleEvent[], last: string): Promise<Page> {
    const page = await driver.open(site.url)
    pages.push(page)
    await page.ready()
    const listen = (when: string): Promise<unknown> =>
      page.evaluate(`(${listening})('${when}', ${JSON.stringify(types)}, ${last})`)
    await listen('registered first')
    await page.evaluate(`(${making})('${server.url}')`)
    await listen('registered last')
    return page
  }

  async function leave(page: Page, way: Way): Promise<void> {
    if (way === 'navigation without the cache') await page.evaluate(`addEventListener('unload', () => {})`)
    if (way === 'reload') await page.reload()
    else if (way !== 'tab close') await page.goto(`${site.url}elsewhere`)
    else {
      // A browser may exit with its last tab.
      const other = await driver.open(`${site.url}elsewhere`)
      await page.close()
      pages = [other]
    }
  }

  const ways = Object.entries(speaks) as [Way, readonly LifecycleEvent[]][]

  const patient = { timeout: 10_000, interval: 50 }
  const messages = (name: Name): string[] => heard[name].filter((each) => !each.startsWith('closed'))

  describe.skipIf(absent !== undefined)('a message the app sends', () => {
    test.each(ways)('while its page unloads by %s arrives, as over a plain WebSocket (T04, T09)', async (way, when) => {
      const types: LifecycleEvent[] = ['beforeunload', 'pagehide', 'visibilitychange', 'freeze']
      const page = await open(types, `(what) => { for (const name in sockets) sockets[name].send(what) }`)
      await leave(page, way)
      await vi.waitFor(() => {
        const types = new Set(messages('raw').map((said) => said.split(' ')[0]))
        expect([...types]).toEqual(expect.arrayContaining([...when]))
        expect(messages('connection')).toEqual(messages('raw'))
        expect(messages('dropIn')).toEqual(messages('raw'))
      }, patient)
    })

    test.each(ways.flatMap(([way, events]) => events.map((event) => [event, way] as const)))(
      'in %s before it closes, on %s, arrives, and so does the close (T04)',
      async (event, way) => {
        const page = await open(
          [event],
          `() => {
            if (globalThis.done) return
            globalThis.done = true
            for (const name in sockets) sockets[name].send('bye'), sockets[name].close(1000, 'done')
          }`,
        )
        await leave(page, way)
        await vi.waitFor(() => {
          for (const name of names) expect(heard[name]).toEqual(['bye', 'closed with 1000 done'])
        }, patient)
      },
    )

    // Firefox caches no page with an open WebSocket.
    test.skipIf(!caches)(
      'when its page is restored uses a new socket, once, and possible losses are counted (T04)',
      async () => {
        const types: LifecycleEvent[] = ['pagehide', 'visibilitychange', 'freeze', 'resume', 'pageshow']
        const page = await open(
          types,
          `(what) => { for (const name of ['connection', 'dropIn']) sockets[name].send(what); said.push(what) }`,
        )
        await page.evaluate(
          `void (globalThis.said = [], globalThis.uncertain = { connection: 0, dropIn: 0 }, globalThis.dropped = [])`,
        )
        await page.evaluate(`void [['connection', connection], ['dropIn', sockets.dropIn.connection]].forEach(([name, each]) => {
          each.on('close', (close) => (uncertain[name] += close.uncertain.messages))
          each.on('dropped', ({ data }) => dropped.push(data))
        })`)
        await leave(page, 'navigation')
        // The server is notified when the page goes, not when the user returns.
        await vi.waitFor(() => {
          for (const name of ['connection', 'dropIn'] as const) expect(heard[name].at(-1)).toMatch(/^closed/)
        }, patient)
        await page.back()
        await vi.waitFor(
          async () => expect(await page.evaluate('globalThis.said?.at(-1)')).toMatch(/^pageshow/),
          patient,
        )
        await page.evaluate(`Promise.all([connection, sockets.dropIn.connection].map((each) => each.opened()))`)
        await page.evaluate(`void ['connection', 'dropIn'].forEach((name) => sockets[name].send('at last'))`)
        await vi.waitFor(() => {
          for (const name of ['connection', 'dropIn'] as const) expect(messages(name)).toContain('at last')
        }, patient)
        const said = await page.evaluate<string[]>('said')
        const uncertain = await page.evaluate<Record<string, number>>('uncertain')
        expect(said.some((what) => what.includes('visible'))).toBe(true)
        expect(await page.evaluate('dropped')).toEqual([])
        for (const name of ['connection', 'dropIn'] as const) {
          const arrived = messages(name).slice(0, -1)
          // In order and without duplicates.
          expect(said.filter((what) => arrived.includes(what))).toEqual(arrived)
          const missing = said.filter((what) => !arrived.includes(what))
          // Only a listener that runs before the library's can still send into a socket the browser has closed.
          expect(missing.filter((what) => !/^visibilitychange visible .* capture/.test(what))).toEqual([])
          expect(missing.length).toBeLessThanOrEqual(uncertain[name]!)
        }
      },
    )
  })
})
