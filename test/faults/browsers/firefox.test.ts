// What only Firefox does: it queues handshakes, delays sockets, and closes them late.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { faults, type FaultServer } from '../../../src/tools/testing/index.js'
import type { Told } from '../network/peers.js'
import { is, missing, serveEcho } from './browser.js'
import { executablePath, Firefox, type FirefoxPage } from './firefox.js'
import { serveSite, type Site } from './site.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const noFirefox = missing('Firefox', executablePath)

describe.skipIf(noFirefox !== undefined)('in Firefox', () => {
  let site: Site
  let firefox: Firefox
  let server: FaultServer
  const pages: FirefoxPage[] = []
  const figures: string[] = []

  beforeAll(async () => {
    site = await serveSite()
    firefox = await Firefox.launch()
  })
  afterAll(async () => {
    await firefox?.[Symbol.asyncDispose]()
    await site?.[Symbol.asyncDispose]()
    if (figures.length > 0) console.log(figures.join('\n'))
  })
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close()
    await server.close()
  })

  async function open(query = ''): Promise<FirefoxPage> {
    server = await serveEcho()
    const page = await firefox.open(site.url + query)
    pages.push(page)
    return page
  }

  const rawOpen = (name: string, url: string): string =>
    `new Promise((open) => ((globalThis.${name} = new Raw('${url}')).onopen = open))`

  test('a hung handshake blocks others to its host; the connection closes each before the next, and opens (H08)', async () => {
    const page = await open()
    const other = await serveEcho()
    server.use(faults.hang())
    await page.evaluate(`void (globalThis.hung = new Raw('${server.url}'))`)
    await server.until('rule')
    // Another port of the same host.
    await page.evaluate(`void ${rawOpen('queued', other.url)}`)
    await page.evaluate('new Promise((later) => setTimeout(later, 2_000))')
    expect(other.counts.accepted).toBe(0)
    await page.evaluate('hung.close()')
    await other.until('upgraded')
    await page.evaluate('queued.close()')
    await other.close()

    await page.start(server.url)
    await page.until('second attempt given up', is('backoff', { attempt: 3 }))
    server.clearRules()
    await page.until('open', is('open'))
    await page.echo('hello')
    const closes = await page.all('close')
    expect(new Set(closes.map(({ error }) => error))).toEqual(new Set(['ERR_CONNECT_TIMEOUT']))
    await page.kept()
    // No attempt was blocked by the one before: each reached the server, one from the page and then all from the
    // connection.
    const dials = await page.all('dial')
    expect(dials.length).toBeGreaterThanOrEqual(3)
    expect(server.counts.requested).toBe(1 + dials.length)
  })

  test('Firefox keeps the TCP connections of six abandoned handshakes and opens no other; the connection reopens once the server closes them (H08)', async () => {
    const page = await open()
    server.use(faults.hang())
    await page.start(server.url, '{ backoff: fixedBackoff(100), connectTimeout: 500 }')
    await page.until('eighth attempt given up', is('backoff', { attempt: 9 }))
    // Two attempts never reached the server.
    expect(server.counts.requested).toBe(6)
    server.clearRules()
    server.cut()
    await page.until('open', is('open'))
    await page.echo('hello')
    await page.kept()
  })

  test('after failures Firefox delays new sockets; the connection waits and reopens when the server is back (H09)', async () => {
    const page = await open()
    await server.stopListening()
    const quick = await page.evaluate<number>(`new Promise((resolve) => {
      const start = performance.now()
      new Raw('${server.url}/control').onclose = () => resolve(performance.now() - start)
    })`)
    // A shorter delay than Firefox's own, or there is nothing to see.
    await page.start(server.url, '{ backoff: fixedBackoff(250), connectTimeout: undefined }')
    const pending = (told: readonly Told[]): number[] => {
      const edges = told.filter(({ type }) => type === 'dial' || type === 'close')
      return edges.flatMap(({ type, t }, n) => (type === 'close' ? [t - edges[n - 1]!.t] : []))
    }
    await vi.waitFor(async () => expect(Math.max(...pending(await page.told()))).toBeGreaterThan(quick + 1_000), {
      timeout: 30_000,
      interval: 100,
    })
    await server.listenAgain()
    const back = Date.now()
    const { t } = await page.until('open', is('open'), 30_000)
    await page.echo('hello')
    const told = await page.told()
    expect(new Set(told.filter(is('close')).map(({ error }) => error))).toEqual(new Set(['ERR_SOCKET']))
    await page.kept()
    expect(server.counts.maxOpen).toBe(1)
    const waits = pending(told).map((ms) => `${ms}`)
    figures.push(
      `H09: refused after ${Math.round(quick)} ms, then pending ${waits.join(', ')} ms; open ${t - back} ms after the return`,
    )
  })

  test('a page that is left closes its link and reports no error (T09)', async () => {
    const page = await open('?keep')
    // Long, because while the page is still unloading the connection would rightly redial.
    await page.opened(server.url, '{ backoff: fixedBackoff(30_000) }')
    const { link } = await server.until('upgraded')
    await page.goto(`${site.url}?keep&other`)
    await server.until((entry) => entry.what === 'client.gone' && entry.link === link)
    const before = await page.evaluate<Told[]>('kept')
    await page.kept(before)
    // Firefox closes the socket before it fires pagehide: one loss at most, and no attempt after it.
    const closes = before.filter(is('close')).map(({ code, error }) => ({ code, error }))
    expect([[], [{ code: 1001, error: undefined }]]).toContainEqual(closes)
    expect(before.filter(is('dial'))).toHaveLength(1)
    const after = before.slice(before.findIndex(is('pagehide')) + 1)
    expect(after.filter(({ type }) => type !== 'hidden')).toEqual([])
    expect(server.counts.upgraded).toBe(1)
  })

  test('an event loop blocked past the deadline, with the pong read late, costs no link (T01)', async () => {
    const page = await open()
    const runs = 15
    // The control, a timer that trusts itself: it is set, the ping sent, and the loop blocked in the same task.
    await page.evaluate(rawOpen('naive', server.url))
    await page.evaluate(`(async () => {
      for (let run = 0; run < ${runs}; run++) {
        let timer
        const pong = new Promise((resolve) => (naive.onmessage = () => resolve(clearTimeout(timer))))
        timer = setTimeout(() => tell('false positive'), 300)
        naive.send('ping')
        block(600)
        await pong
      }
    })()`)
    const naive = await page.all('false positive')
    expect(naive.length).toBeGreaterThan(0)
    await page.opened(
      server.url,
      `{ heartbeat: textHeartbeat({ interval: 200, timeout: 300, pong: 'pong', ping() {
        tell('blocked')
        // After the ping has been sent, before anything is read.
        queueMicrotask(() => block(600))
        return 'ping'
      } }) }`,
    )
    await vi.waitFor(async () => expect((await page.all('blocked')).length).toBeGreaterThan(runs), {
      timeout: 40_000,
      interval: 200,
    })
    expect(await page.all('close')).toEqual([])
    const late = (await page.all('heartbeat')).filter(({ rtt }) => (rtt as number) > 300)
    expect(late.length).toBeGreaterThanOrEqual(runs)
    await page.kept()
    figures.push(`T01: ${naive.length} of ${runs} links ended by a plain timer, 0 of ${runs} by ours`)
  })

  test('mixed text and binary are delivered in order, which reading Blobs would break (P05)', async () => {
    const page = await open()
    await page.evaluate(rawOpen('raw', server.url))
    await page.evaluate(`void (raw.onmessage = async ({ data }) =>
      tell('raw', { data: typeof data === 'string' ? data : [...new Uint8Array(await data.arrayBuffer())] }))`)
    await page.opened(server.url, `{ binaryType: 'arraybuffer' }`)
    const sent = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? [n] : `text ${n}`))
    for (const each of sent) server.send(typeof each === 'string' ? each : new Uint8Array(each))
    const heard = async (type: string): Promise<unknown[]> => (await page.all(type)).map(({ data }) => data)
    await vi.waitFor(
      async () => expect([await heard('raw'), await heard('message')].map(({ length }) => length)).toEqual([40, 40]),
      {
        timeout: 10_000,
      },
    )
    expect(await heard('raw')).not.toEqual(sent)
    expect(await heard('message')).toEqual(sent)
    await page.kept()
  })

  test("an unanswered close() ends after closeTimeout, not after Firefox's 20 s (C01)", async () => {
    const page = await open()
    await page.opened(server.url, '{ closeTimeout: 500 }')
    await page.evaluate(rawOpen('raw', server.url))
    server.ignoreClose()
    const close = await page.evaluate(`(raw.close(), connection.close(1000, 'bye'))`)
    expect(close).toEqual({ code: 1006, reason: '', wasClean: false })
    expect(await page.evaluate('[raw.readyState, connection.state]')).toEqual([2, 'ended'])
    await page.kept()
  })
})
