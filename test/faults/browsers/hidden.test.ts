// Hidden pages: Chromium throttles their timers to one a minute, and freezes them. Its grace period of five minutes is
// cut to ten seconds, to fit into a test; all else is at its default.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { FaultServer } from '../../../src/tools/testing/index.js'
import { is, missing, serveEcho } from './browser.js'
import { launchPlain, type ChromiumPage } from './chromium.js'
import { chromiumPath } from '../../support/chromium.js'
import { serveSite, type Site } from './site.js'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 })

/**
 * The page's interval of 2 s and timeout of 1 s, with each timer delayed to the next whole second, which is the lighter
 * throttling.
 */
const ABANDONED = 2_000 + 1_000 + 3_000
/** Tolerance for a busy machine. */
const SLACK = 3_000

const noChromium = missing('Chromium', chromiumPath)

describe.skipIf(noChromium !== undefined)('a hidden page in Chromium', () => {
  let site: Site
  let chromium: Awaited<ReturnType<typeof launchPlain>>
  const servers: FaultServer[] = []
  const figures: string[] = []

  beforeAll(async () => {
    site = await serveSite()
    chromium = await launchPlain(
      '--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/10,AllowAggressiveThrottlingWithWebSocket',
    )
  })
  afterAll(async () => {
    await chromium?.[Symbol.asyncDispose]()
    await site?.[Symbol.asyncDispose]()
    if (figures.length > 0) console.log(figures.join('\n'))
  })
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close()
  })

  async function open(): Promise<{ page: ChromiumPage; server: FaultServer }> {
    const server = await serveEcho()
    servers.push(server)
    const page = await chromium.open(site.url)
    await page.opened(server.url)
    return { page, server }
  }

  test('that is frozen receives nothing, and reconnects when it is resumed (T03)', async () => {
    const { page, server } = await open()
    let sent = 0
    const sending = setInterval(() => server.send(`${++sent}`), 50)
    try {
      await page.until('messages', is('message'))
      await page.cdp.send('Page.setWebLifecycleState', { state: 'frozen' })
      const frozen = await page.until('freeze', is('freeze'))
      const before = sent
      await sleep(3_000)
      expect(sent - before).toBeGreaterThan(20)
      await page.cdp.send('Page.setWebLifecycleState', { state: 'active' })
      const resumed = await page.until('resume', is('resume'))
      const late = (await page.all('message')).filter(({ t }) => t > frozen.t && t < resumed.t)
      expect(late).toEqual([])
      // Chromium ends frozen links; if it had kept this one, the probe would have failed it.
      const alive = await page.until(
        'a link that lives',
        ({ type, t }) => t >= resumed.t && (type === 'open' || type === 'heartbeat'),
        30_000,
      )
      clearInterval(sending)
      await page.echo('after')
      const heard = (await page.all('message')).map(({ data }) => Number(data)).filter((n) => !Number.isNaN(n))
      // In order and without duplicates, whichever of the frozen messages were delivered.
      expect(heard).toEqual([...new Set(heard)].sort((a, b) => a - b))
      await page.kept()
      expect(server.counts.maxOpen).toBe(1)
      const closes = (await page.all('close')).map(({ code }) => code as number)
      figures.push(`T03: closed with ${closes.join() || 'nothing'}, alive ${alive.t - resumed.t} ms after the resume`)
    } finally {
      clearInterval(sending)
    }
  })

  test('with throttled timers keeps its link, and detects a half-open link in time, idle or busy (T02)', async () => {
    const idle = await open()
    const busy = await open()
    const tabs = [idle, busy]
    for (const { page } of tabs) await page.evaluate(`void setInterval(() => tell('tick'), 1_000)`)
    const front = await chromium.open(site.url)
    await front.driven.bringToFront()
    for (const { page } of tabs) await page.until('hidden', is('hidden'))
    const sending = setInterval(() => busy.server.send('traffic'), 300)
    try {
      // The control: a once-a-second timer of each page pauses for ever longer.
      const silence = async ({ page }: { page: ChromiumPage }): Promise<number> =>
        Date.now() - (await page.all('tick')).at(-1)!.t
      await vi.waitFor(
        async () => {
          for (const tab of tabs) expect(await silence(tab)).toBeGreaterThan(15_000)
        },
        { timeout: 90_000, interval: 500 },
      )
      for (const { page, server } of tabs) {
        expect(await page.all('close')).toEqual([])
        expect(server.counts.upgraded).toBe(1)
        await page.echo('still here')
      }
      const brokenAt = Date.now()
      for (const { server } of tabs) server.links[0]!.swallow()
      for (const [name, { page, server }] of Object.entries({ idle, busy })) {
        const close = await page.until(`loss of the ${name} link`, is('close'), 70_000)
        expect(close).toMatchObject({ code: 4000, error: 'ERR_HEARTBEAT_TIMEOUT' })
        expect(close.t - brokenAt, `the ${name} link`).toBeLessThanOrEqual(ABANDONED + SLACK)
        const next = await page.until('next open', ({ type, t }) => type === 'open' && t > close.t, 10_000)
        await page.echo('after')
        await page.kept()
        expect(server.counts.upgraded).toBe(2)
        figures.push(`T02, ${name}: abandoned after ${close.t - brokenAt} ms, open again ${next.t - close.t} ms later`)
      }
      // Throttled to the end: one tick at most, in time enough for many.
      await sleep(Math.max(0, brokenAt + 5_000 - Date.now()))
      for (const { page } of tabs) {
        expect((await page.all('tick')).filter(({ t }) => t > brokenAt).length).toBeLessThanOrEqual(1)
      }
    } finally {
      clearInterval(sending)
    }
  })
})
