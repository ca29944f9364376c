// Sessions in Chromium, which reloads, crashes, duplicates, caches and freezes pages.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { SessionServerOptions } from '../../../src/server/index.js'
import { chromiumPath } from '../../support/chromium.js'
import { is, missing } from './browser.js'
import { ChromiumPage, CrashedPage, launchPlain } from './chromium.js'
import { begin, continuities, heard, said, Sessions, upTo } from './session-page.js'
import { serveSite, type Site } from './site.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const noChromium = missing('Chromium', chromiumPath)

describe.skipIf(noChromium !== undefined)('a session in Chromium', () => {
  let site: Site
  let chromium: Awaited<ReturnType<typeof launchPlain>>
  let server: Sessions
  const pages: ChromiumPage[] = []

  beforeAll(async () => {
    site = await serveSite()
    chromium = await launchPlain()
  })
  afterAll(async () => {
    await chromium?.[Symbol.asyncDispose]()
    await site?.[Symbol.asyncDispose]()
  })
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.driven.close()
    await server[Symbol.asyncDispose]()
  })

  async function open(options: Partial<SessionServerOptions> = {}): Promise<ChromiumPage> {
    server = await Sessions.start(options)
    const page = await chromium.open(site.url)
    pages.push(page)
    return page
  }

  const patient = { timeout: 15_000, interval: 50 }
  const unacknowledged = (page: ChromiumPage): Promise<number> => page.evaluate('session.unacknowledged.messages')

  test('survives reloads in the middle of traffic: with the outbox, nothing is lost or doubled in either direction', async () => {
    const page = await open()
    const { id } = await begin(page, server, { outbox: true })
    const [session] = server.made
    let sent = 0
    const feeding = setInterval(() => void session!.send(String(++sent)), 5)
    const faults = [
      () => page.evaluate(`void connection.send('slow')`),
      () => server.faulty.swallow('in'),
      () => server.faulty.swallow('out'),
    ]
    try {
      for (const fault of faults) {
        await page.evaluate('void setInterval(sendNext, 5)')
        await page.until('messages', is('message'))
        await fault()
        await expect.poll(() => unacknowledged(page), patient).toBeGreaterThan(20)
        await page.reload()
        const kept = await begin(page, server, { outbox: true })
        expect(kept).toMatchObject({ kind: 'kept', forgotten: 0 })
        expect(await page.evaluate('session.id')).toBe(id)
        server.release()
        // What the old link held arrives now, too late.
        server.faulty.heal()
      }
    } finally {
      clearInterval(feeding)
    }
    await page.evaluate('session.delivered()')
    expect(server.texts().filter((text) => text !== 'slow')).toEqual(upTo(await said(page)))
    expect(server.texts().filter((text) => text === 'slow')).toHaveLength(1)
    await expect.poll(() => heard(page), patient).toEqual(upTo(sent))
    expect(server.made).toHaveLength(1)
    expect(await page.evaluate(`Object.keys(sessionStorage).filter((key) => key.startsWith('session:'))`)).toEqual([])
    await page.kept()
  })

  test('reports after a reload how many messages were lost with the page, and goes on after those that arrived', async () => {
    const page = await open()
    await begin(page, server)
    await page.evaluate(`void ['1', 'slow 2'].forEach((text) => connection.send(text))`)
    await expect.poll(() => server.got[0]!.length, patient).toBe(2)
    server.faulty.swallow('in')
    await page.evaluate(`void ['3', '4', '5'].forEach((text) => connection.send(text))`)
    expect(await unacknowledged(page)).toBe(4)
    await page.reload()
    expect(await begin(page, server)).toMatchObject({ kind: 'kept', forgotten: 3, replayed: { out: 0 } })
    // The second is still being handled.
    expect(await unacknowledged(page)).toBe(1)
    server.release()
    server.faulty.heal()
    await page.evaluate(`connection.send('new'), session.delivered()`)
    expect(server.got[0]!.slice(1)).toEqual([
      { number: 2, text: 'slow 2' },
      { number: 3, text: 'new' },
    ])
    expect(server.made).toHaveLength(1)
    await page.kept()
  })

  test('survives a crash of the page, whose messages arrive, and which hears again what it had not acknowledged', async () => {
    const page = await open()
    const settings = { outbox: true, ack: { every: 100, delay: 60_000 } }
    const { id } = await begin(page, server, settings)
    const [session] = server.made
    for (const text of upTo(300)) void session!.send(text)
    await session!.delivered(300)
    server.faulty.swallow('in')
    await page.evaluate(`void ['a', 'b', 'c'].forEach((text) => connection.send(text))`)
    await session!.send('301')
    await page.until('the last', is('message', { data: '301' }))
    const tab = await CrashedPage.crash(page)
    await tab.goto(site.url)
    expect(await begin(tab, server, settings)).toMatchObject({ kind: 'kept', replayed: { out: 3, in: 1 } })
    expect(await tab.evaluate('session.id')).toBe(id)
    await tab.evaluate('session.delivered()')
    expect(server.texts()).toEqual(['a', 'b', 'c'])
    expect((await tab.all('message')).map(({ data }) => data)).toEqual(['301'])
    expect(server.made).toHaveLength(1)
    await tab.kept()
  })

  test('stays with its tab if the tab is duplicated: the other one begins a session of its own', async () => {
    const page = await open()
    const { id } = await begin(page, server, { outbox: true })
    server.faulty.swallow('in')
    await page.evaluate(`void connection.send('once')`)
    const popup = page.driven.waitForEvent('popup')
    await page.evaluate('void window.open(location.href)')
    const other = await ChromiumPage.of(await popup)
    pages.push(other)
    await other.ready()
    // The browser copied it.
    expect(await other.evaluate(`JSON.parse(sessionStorage.getItem('session')).id`)).toBe(id)
    expect(await other.evaluate(`sessionStorage.getItem('session:1')`)).toContain('once')
    const begun = await begin(other, server, { outbox: true })
    expect(begun).toMatchObject({ kind: 'begun' })
    expect(begun['id']).not.toBe(id)
    server.faulty.heal()
    await page.evaluate('session.delivered()')
    await other.evaluate(`connection.send('other'), session.delivered()`)
    expect([server.texts(0), server.texts(1)]).toEqual([['once'], ['other']])
    for (const [at, session] of server.made.entries()) await session.send(`for ${at}`)
    await page.until('its own', is('message', { data: 'for 0' }))
    await other.until('its own', is('message', { data: 'for 1' }))
    expect((await continuities(page)).map(({ kind }) => kind)).toEqual(['begun'])
    // Each keeps its own over a reload.
    for (const tab of [page, other]) {
      const own = await tab.evaluate('session.id')
      await tab.reload()
      expect(await begin(tab, server, { outbox: true })).toMatchObject({ kind: 'kept' })
      expect(await tab.evaluate('session.id')).toBe(own)
      await tab.kept()
    }
    expect(server.made).toHaveLength(2)
  })

  const locks = `navigator.locks.query().then(({ held }) => held.map(({ name }) => name))`
  /** In the page: takes a lock as soon as it is free. */
  const lock = (name: string, until: string): string =>
    `new Promise((held) => void navigator.locks.request('${name}', () => (held(), ${until})))`

  test('gives its lock back while its page is in the back/forward cache, and goes on when the page is shown', async () => {
    const page = await open()
    const { id } = await begin(page, server)
    const name = `statewire.session.${String(id)}`
    await page.evaluate(`void (globalThis.marker = 'the same page')`)
    expect(await page.evaluate(locks)).toEqual([name])
    await page.goto(`${site.url}elsewhere`)
    await page.evaluate(lock(name, 'undefined'))
    const [session] = server.made
    await expect.poll(() => session!.state, patient).toBe('away')
    for (const text of upTo(3)) await session!.send(text)
    await page.back()
    await page.until('pageshow', is('pageshow', { persisted: true }))
    expect(await page.evaluate('marker')).toBe('the same page')
    const kept = await page.until('continuity', is('continuity', { kind: 'kept' }))
    expect(kept).toMatchObject({ replayed: { in: 3 }, forgotten: 0 })
    await expect.poll(() => heard(page), patient).toEqual(upTo(3))
    expect(await page.evaluate(locks)).toEqual([name])
    await page.evaluate(`connection.send('back'), session.delivered()`)
    expect(server.texts()).toEqual(['back'])
    expect(server.made).toHaveLength(1)
    await page.kept()
  })

  test('would lose its page with the lock: Chromium drops a cached page that holds one when another page requests it', async () => {
    const page = await open()
    await page.evaluate(`void (globalThis.marker = 'the same page')`)
    await page.evaluate(lock('own', 'new Promise(() => {})'))
    await page.goto(`${site.url}elsewhere`)
    await page.evaluate(lock('own', 'undefined'))
    await page.back()
    await page.ready()
    expect(await page.evaluate('typeof marker')).toBe('undefined')
    const reasons = `performance.getEntriesByType('navigation')[0].notRestoredReasons.reasons.map(({ reason }) => reason)`
    expect(await page.evaluate(reasons)).toEqual(['weblocks-contention'])
  })

  const frozen = async (page: ChromiumPage, during: () => Promise<unknown>): Promise<void> => {
    await page.cdp.send('Page.setWebLifecycleState', { state: 'frozen' })
    await during()
    await page.cdp.send('Page.setWebLifecycleState', { state: 'active' })
    await page.until('resume', is('resume'))
  }
  const heartbeat = { interval: 300, timeout: 300 }

  test('of a page that is frozen for longer than its heartbeat goes on: the browser answers the pings of the server', async () => {
    const page = await open({ idle: 600 })
    await begin(page, server, { heartbeat })
    const [session] = server.made
    await page.evaluate(`void connection.send('before')`)
    await expect.poll(() => server.texts(), patient).toEqual(['before'])
    let sent = 0
    const feed = async (lasting: () => Promise<unknown>): Promise<void> => {
      const feeding = setInterval(() => void session!.send(String(++sent)), 20)
      try {
        await lasting()
      } finally {
        clearInterval(feeding)
      }
    }
    await frozen(page, async () => {
      await feed(() => sleep(1_500))
      expect(session!.state).toBe('attached')
    })
    await expect.poll(() => heard(page), patient).toEqual(upTo(sent))
    // And without a network, the server notices.
    await frozen(page, async () => {
      server.faulty.swallow('both')
      await feed(async () => {
        await expect.poll(() => session!.state, patient).toBe('away')
      })
    })
    await page.until('continuity', is('continuity', { kind: 'kept' }))
    await expect.poll(() => heard(page), patient).toEqual(upTo(sent))
    await page.evaluate(`connection.send('after'), session.delivered()`)
    expect(server.texts()).toEqual(['before', 'after'])
    expect((await continuities(page)).map(({ kind }) => kind)).not.toContain('lost')
    expect(server.made).toHaveLength(1)
    await page.kept()
  })

  test.each([
    [
      'what was not handled is undelivered',
      'if its handler has returned meanwhile',
      { delivered: 2, uncertain: [], undelivered: ['waiting', 'on its way'] },
    ],
    [
      'what was not acknowledged is uncertain',
      'if its handler still runs',
      { delivered: 1, uncertain: ['slow', 'waiting', 'on its way'], undelivered: [] },
    ],
  ])('of a page that is frozen for too long has expired, and %s, %s', async (_, __, lost) => {
    const page = await open({ idle: 600, ttl: 300 })
    await begin(page, server, { heartbeat })
    const [session] = server.made
    await session!.send('news')
    await page.until('news', is('message', { data: 'news' }))
    await page.evaluate(`void ['handled', 'slow', 'waiting'].forEach((text) => connection.send(text))`)
    await expect.poll(() => unacknowledged(page), patient).toBe(2)
    server.faulty.swallow('in')
    await page.evaluate(`void connection.send('on its way')`)
    await frozen(page, async () => {
      await expect.poll(() => session!.state, patient).toBe('ended')
      if (lost.delivered === 1) return
      server.release()
      await expect.poll(() => server.server.size, patient).toBe(0)
    })
    await page.until('continuity', is('continuity', { kind: 'lost' }))
    await expect.poll(() => server.made.length, patient).toBe(2)
    await page.evaluate(`connection.send('new'), session.delivered()`)
    expect((await continuities(page)).slice(1)).toMatchObject([
      { kind: 'lost', reason: 'expired', lastReceived: 1, ...lost, forgotten: { uncertain: 0, undelivered: 0 } },
      { kind: 'begun' },
    ])
    expect([server.texts(0), server.texts(1)]).toEqual([['handled', 'slow'], ['new']])
    await page.kept()
  })

  test('goes on after the browser was offline for longer than the heartbeat allows', async () => {
    const page = await open()
    await begin(page, server, { heartbeat })
    const [session] = server.made
    const emulate = (offline: boolean): Promise<unknown> =>
      page.cdp.send('Network.emulateNetworkConditions', {
        offline,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: -1,
      })
    await emulate(true)
    await page.until('offline', is('offline'))
    await page.evaluate(`void upTo.forEach((text) => connection.send(text))`.replace('upTo', JSON.stringify(upTo(5))))
    for (const text of upTo(5)) await session!.send(text)
    await page.until('loss', is('close', { error: 'ERR_HEARTBEAT_TIMEOUT' }))
    await page.evaluate(`void connection.send('6')`)
    await emulate(false)
    await page.until('continuity', is('continuity', { kind: 'kept' }))
    await page.evaluate('session.delivered()')
    expect(server.texts()).toEqual(upTo(6))
    await expect.poll(() => heard(page), patient).toEqual(upTo(5))
    expect((await continuities(page)).map(({ kind }) => kind)).toEqual(['begun', 'kept'])
    await page.kept()
  })
})
