// What Chromium does to sockets when the page loses the network or the user. Freezing and throttling are in
// hidden.test.ts.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Browser } from 'playwright'
import { createFaultServer, faults, type FaultServer } from '../../../src/tools/testing/index.js'
import { is, missing, serveEcho } from './browser.js'
import { ChromiumPage, launch } from './chromium.js'
import { chromiumPath } from '../../support/chromium.js'
import { serveSite, type Site } from './site.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const noChromium = missing('Chromium', chromiumPath)

describe.skipIf(noChromium !== undefined)('in Chromium', () => {
  let site: Site
  let browser: Browser
  let server: FaultServer
  const pages: ChromiumPage[] = []

  beforeAll(async () => {
    site = await serveSite()
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    await site?.[Symbol.asyncDispose]()
  })
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close()
    await server.close()
  })

  async function open(query = ''): Promise<ChromiumPage> {
    server = await serveEcho()
    const page = await ChromiumPage.open(browser, site.url + query)
    pages.push(page)
    return page
  }

  const emulate = (page: ChromiumPage, offline: boolean): Promise<unknown> =>
    page.cdp.send('Network.emulateNetworkConditions', {
      offline,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1,
    })

  test('a short offline period costs no link: traffic stalls, then everything held is delivered (N12)', async () => {
    const page = await open()
    // Longer than the stall, so the probe is answered once the network is back.
    const heartbeat = `textHeartbeat({ interval: 30_000, timeout: 30_000, ping: 'ping', pong: 'pong' })`
    await page.opened(server.url, `{ heartbeat: ${heartbeat} }`)
    await page.evaluate(`new Promise((open) => ((globalThis.raw = new Raw('${server.url}')).onopen = open))`)
    await emulate(page, true)
    await page.until('offline', is('offline'))
    expect(await page.evaluate('navigator.onLine')).toBe(false)
    for (let n = 1; n <= 20; n++) server.links[0]!.send(`held ${n}`)
    await page.evaluate(`void connection.send('asked offline')`)
    await page.evaluate('new Promise((later) => setTimeout(later, 1_500))')
    // No byte arrives, yet the browser's own socket stays open.
    expect(await page.all('message')).toEqual([])
    expect(await page.evaluate('[raw.readyState, connection.state]')).toEqual([1, 'open'])
    await emulate(page, false)
    await page.until('echo', is('message', { data: 'asked offline' }))
    const heard = (await page.all('message')).map(({ data }) => data)
    expect(heard.filter((data) => data !== 'asked offline')).toEqual(
      Array.from({ length: 20 }, (_, n) => `held ${n + 1}`),
    )
    expect(await page.all('heartbeat')).not.toEqual([])
    expect(await page.all('close')).toEqual([])
    await page.kept()
  })

  test('a long offline period fails the probe, and a new link opens once the network is back (N12)', async () => {
    const page = await open()
    await page.opened(server.url)
    await emulate(page, true)
    const offline = await page.until('offline', is('offline'))
    const close = await page.until('loss', is('close'))
    expect(close).toMatchObject({ code: 4000, error: 'ERR_HEARTBEAT_TIMEOUT' })
    expect(close.t).toBeGreaterThanOrEqual(offline.t)
    // Attempts the browser refuses by itself.
    await page.until('attempts', is('backoff', { attempt: 4 }))
    await emulate(page, false)
    await page.until('next open', ({ type, t }) => type === 'open' && t > close.t)
    await page.echo('after')
    await page.kept()
    expect(server.counts.upgraded).toBe(2)
  })

  test('online during an attempt that was dialed online creates no second socket (N14)', async () => {
    const page = await open()
    server.use({ fault: faults.hang(), times: 1 })
    await page.start(server.url, '{ connectTimeout: 5_000 }')
    await server.until('rule')
    for (const offline of [true, false, true, false]) await emulate(page, offline)
    await page.until('online', is('online'))
    await page.until('open', is('open'))
    await page.echo('hello')
    await page.kept()
    expect(server.counts.maxOpen).toBe(1)
  })

  test('online while an attempt dialed offline waits for its URL restarts it, with one socket (N14)', async () => {
    const page = await open()
    await emulate(page, true)
    await page.until('offline', is('offline'))
    await page.evaluate(`void start(({ signal }) => new Promise((resolve, reject) => {
      tell('asked')
      signal.addEventListener('abort', () => (tell('aborted'), reject(signal.reason)))
      // Only the second time it answers before the deadline.
      setTimeout(resolve, told.filter(({ type }) => type === 'asked').length === 1 ? 60_000 : 0, '${server.url}')
    }), { connectTimeout: 30_000 })`)
    await page.until('provider', is('asked'))
    await emulate(page, false)
    await page.until('open', is('open'))
    await page.echo('hello')
    expect(
      (await page.told()).filter(({ type }) => ['asked', 'aborted', 'dial'].includes(type)).map(({ type }) => type),
    ).toEqual(['asked', 'aborted', 'asked', 'dial'])
    await page.kept()
    expect(server.counts.upgraded).toBe(1)
  })

  test('a page in the back/forward cache has no socket, and redials when it is shown (T04)', async () => {
    const page = await open()
    await page.opened(server.url)
    await page.evaluate(`void (globalThis.marker = 'the same page')`)
    const { link } = await server.until('upgraded')
    await page.goto(`${site.url}elsewhere`)
    expect(await page.evaluate('typeof marker')).toBe('undefined')
    // The server is notified immediately, not when the user returns.
    await server.until((entry) => entry.what === 'client.gone' && entry.link === link)
    await page.back()
    const shown = await page.until('pageshow', is('pageshow', { persisted: true }))
    expect(await page.evaluate('marker')).toBe('the same page')
    await page.until('next open', ({ type, t }) => type === 'open' && t >= shown.t)
    await page.echo('after')
    const told = await page.told()
    const hidden = told.find(is('pagehide', { persisted: true }))!
    expect(told.filter(({ type, t }) => type === 'dial' && t > hidden.t && t < shown.t)).toEqual([])
    expect(told.filter(is('state')).map(({ state }) => state)).toContain('suspended')
    await page.kept()
    expect(server.counts.upgraded).toBe(2)
    expect(server.counts.maxOpen).toBe(1)
  })

  test.each([
    ['reloaded', (page: ChromiumPage) => page.driven.reload()],
    ['left for another', (page: ChromiumPage) => page.goto(`${site.url}?keep&other`)],
  ])('a page that is %s closes its link and reports no error (T09)', async (_, leave) => {
    const page = await open('?keep')
    await page.opened(server.url)
    // Keeps it out of the back/forward cache.
    await page.evaluate(`addEventListener('unload', () => tell('unload'))`)
    const { link } = await server.until('upgraded')
    await leave(page)
    await server.until((entry) => entry.what === 'client.gone' && entry.link === link)
    const before = await page.evaluate<Awaited<ReturnType<typeof page.told>>>('kept')
    expect(before.find(is('pagehide'))).toMatchObject({ persisted: false })
    await page.kept(before)
    expect(before.filter(is('dial'))).toHaveLength(1)
    await page.opened(server.url)
    await page.echo('hello')
    await page.kept()
    expect(server.counts.maxOpen).toBe(1)
  })

  test('after a burst of refused sockets Chromium throttles new ones; the connection still opens, one attempt at a time (H10)', async () => {
    const page = await open()
    const elsewhere = await createFaultServer()
    await elsewhere.close()
    const refusal = (): Promise<number> =>
      page.evaluate(`new Promise((resolve) => {
        const start = performance.now()
        new Raw('${elsewhere.url}').onclose = () => resolve(performance.now() - start)
      })`)
    const quick = await refusal()
    await page.evaluate(`Promise.all(Array.from({ length: 40 }, () =>
      new Promise((closed) => (new Raw('${elsewhere.url}').onclose = closed))))`)
    const slow = await refusal()
    expect(slow).toBeGreaterThan(quick + 500)
    await server.stopListening()
    // The default deadline is longer than any delay of Chromium.
    await page.start(server.url, '{ connectTimeout: undefined }')
    await page.until('a failed attempt', is('backoff', { attempt: 3 }), 30_000)
    const dials = (await page.told()).filter(({ type }) => type === 'dial' || type === 'close')
    // Delayed as well, and waited for.
    expect(Math.max(...dials.map(({ t }, n) => (n % 2 === 1 ? t - dials[n - 1]!.t : 0)))).toBeGreaterThan(quick + 500)
    await server.listenAgain()
    await page.until('open', is('open'), 30_000)
    await page.echo('hello')
    await page.kept()
    console.log(`H10: refused after ${Math.round(quick)} ms, after the burst ${Math.round(slow)} ms`)
  })
})
