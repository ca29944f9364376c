// The published viewer in Chromium, with real connections.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FrameLocator, Page } from 'playwright'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { activePaths } from '../../../../src/tools/inspect/viewer/states.js'
import { chromiumPath } from '../../../support/chromium.js'
import { buildViewer, startSite, viewerFile, type Site, type Visit } from './site.js'

const missing = existsSync(chromiumPath) ? undefined : `no Chromium at ${chromiumPath}`
if (missing !== undefined && process.env['CI']) throw new Error(`the viewer's tests need Chromium: ${missing}`)
if (missing !== undefined) console.warn(`SKIPPED: the viewer in a browser: ${missing}`)

/** A generous bound for events. Nothing here is timed. */
const soon = { timeout: 10_000, interval: 30 }

const litIn = (viewer: FrameLocator): Promise<string[]> =>
  viewer
    .locator('.pane')
    .first()
    .locator('.state.on')
    .evaluateAll((states) => states.map((state) => state.getAttribute('data-state') ?? ''))

const whatIn = (viewer: FrameLocator): Promise<string> => viewer.locator('.headline strong').first().innerText()
const sorted = (paths: readonly string[]): string[] => [...paths].sort()

describe.skipIf(missing !== undefined)('the viewer', () => {
  let site: Site
  const visits: Visit[] = []

  beforeAll(async () => {
    buildViewer()
    site = await startSite()
  }, 60_000)
  afterEach(async () => {
    for (const { page } of visits.splice(0)) await page.context().close()
  })
  afterAll(async () => {
    await site?.[Symbol.asyncDispose]()
  })

  async function open(...args: Parameters<Site['open']>): Promise<Visit> {
    const visit = await site.open(...args)
    visits.push(visit)
    return visit
  }

  /** The headline and the highlighted states match the chart. */
  async function agrees({ page, viewer }: Visit, headline: string): Promise<void> {
    await expect.poll(() => whatIn(viewer), soon).toBe(headline)
    const value = await page.evaluate(`app.values.feed`)
    await expect.poll(async () => sorted(await litIn(viewer)), soon).toEqual(sorted(activePaths(value)))
  }

  /** The arrow of the last transition. */
  const taken = async (viewer: FrameLocator): Promise<string> => {
    const arrow = viewer.locator('.taken').first()
    return `${await arrow.getAttribute('data-source')} > ${await arrow.getAttribute('data-target')}`
  }

  it('highlights the active state and the last transition, in every state', async () => {
    const visit = await open()
    const { page, viewer, complaints } = visit
    await page.evaluate(`app.load().then(() => { app.show('feed', { autoOpen: false }); app.follow('feed') })`)
    await agrees(visit, 'Idle')
    await page.evaluate(`app.lives.feed.connection.open(); app.settle()`)
    await agrees(visit, 'Connecting')
    expect(await taken(viewer)).toBe('live.connecting.resolving > live.connecting.handshaking')
    await page.evaluate(`app.accept(app.lives.feed)`)
    await agrees(visit, 'Open')
    expect(await taken(viewer)).toBe('live.connecting.preparing > live.open')
    // A ping and its pong.
    await page.evaluate(`app.clock.advance(4000)`)
    await agrees(visit, 'Open')
    expect(await litIn(viewer)).toContain('live.open.heartbeat.waiting')
    await page.evaluate(`app.clock.advance(24).then(() => app.lives.feed.transport.last.pong())`)
    await expect.poll(() => viewer.locator('#trips-said').innerText(), soon).toContain('24 ms')
    await agrees(visit, 'Open')
    expect(await taken(viewer)).toBe('live.open.heartbeat.waiting > live.open.heartbeat.resting')
    // The environment changes: a probe.
    await page.evaluate(`app.lives.feed.world.tell('visible')`)
    await agrees(visit, 'Open, in doubt')
    expect(await litIn(viewer)).toContain('live.open.heartbeat.probing')
    // A black hole: no more pongs.
    await page.evaluate(`app.clock.advance(3200)`)
    await agrees(visit, 'Backing off')
    expect(await litIn(viewer)).toContain('closed.backoff.scheduled')
    expect(await taken(viewer)).toBe('closed.deciding > closed.backoff')
    expect(await viewer.locator('.headline .why').innerText()).toMatch(
      /^Because no reply to a ping came within .* \(4000\)\.$/,
    )
    expect(await viewer.locator('.headline .when').innerText()).toMatch(/^attempt 2 in /)
    await page.evaluate(`app.lives.feed.world.tell('offline')`)
    await agrees(visit, 'Suspended')
    await page.evaluate(`app.lives.feed.world.tell('online')`)
    await agrees(visit, 'Backing off')
    expect(await litIn(viewer)).toContain('closed.backoff.hastened')
    await page.evaluate(`app.clock.advance(1000).then(() => app.accept(app.lives.feed))`)
    await agrees(visit, 'Open')
    await page.evaluate(`app.clock.advance(3000)`)
    await page.evaluate(`app.lives.feed.connection.reconnect(); app.accept(app.lives.feed)`)
    await agrees(visit, 'Open')
    await page.evaluate(`void app.lives.feed.connection.close(); app.settle()`)
    await agrees(visit, 'Closing')
    await page.evaluate(`app.lives.feed.transport.last.end({ code: 1000 }); app.settle()`)
    await agrees(visit, 'Ended')
    expect(await taken(viewer)).toBe('live.closing > closed.ended')
    expect(complaints).toEqual([])
  })

  it('makes no request, and does not violate its own content security policy', async () => {
    const { page, viewer, complaints } = await open()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.evaluate(`app.load().then(() => app.play('backoff'))`)
    await expect.poll(() => whatIn(viewer), soon).toBe('Backing off')
    expect(asked).toEqual([`${site.url}/viewer.html`])
    expect(complaints).toEqual([])
    const html = readFileSync(viewerFile, 'utf8')
    expect(html).toMatch(/default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'/)
    expect(html).not.toContain('unsafe-inline')
    // The policy blocks an injected script.
    const ran = await viewer.locator('body').evaluate((body) => {
      const script = body.ownerDocument.createElement('script')
      script.textContent = 'globalThis.ran = true'
      body.append(script)
      return 'ran' in globalThis
    })
    expect(ran).toBe(false)
  })

  it('works with createBrowserInspector of @statelyai/inspect, and says what is unknown then', async () => {
    const visit = await open()
    const { page, viewer, complaints } = visit
    await page.evaluate(`app.showByStately('feed'); app.follow('feed')`)
    await expect.poll(() => viewer.locator('.row:visible').count(), soon).toBe(1)
    await page.evaluate(`app.accept(app.lives.feed)`)
    await agrees(visit, 'Open')
    await page.evaluate(
      `app.clock.advance(4000).then(() => app.clock.advance(31)).then(() => app.lives.feed.transport.last.pong())`,
    )
    // The page's own clock stamps these messages, so the duration is unknown here.
    await expect.poll(() => viewer.locator('#trips-said').innerText(), soon).toContain('Estimated from the chart')
    expect(await viewer.locator('#traffic-said').innerText()).toMatch(/^Unknown: /)
    expect(await viewer.locator('#traffic').isVisible()).toBe(false)
    await agrees(visit, 'Open')
    expect(complaints).toEqual([])
  })

  it('parses no message as HTML', async () => {
    const { page, viewer, complaints } = await open()
    const name = '<img src=x onerror="parent.hurt=1"><b>bold</b>'
    await page.evaluate(`app.load().then(() => app.show(${JSON.stringify(name)}))`)
    await expect.poll(() => viewer.locator('.row .name').first().innerText(), soon).toBe(name)
    await page.evaluate((text) => {
      const target = document.querySelector('iframe')!.contentWindow!
      const about = { sessionId: text, createdAt: '1', _version: text }
      target.postMessage(
        {
          ...about,
          type: '@xstate.actor',
          name: text,
          definition: '{"id":"connection","states":{"closed":{},"live":{}}}',
        },
        '*',
      )
      target.postMessage(
        {
          ...about,
          type: '@xstate.snapshot',
          event: { type: text },
          snapshot: { value: { closed: 'idle', [text]: text } },
        },
        '*',
      )
      target.postMessage({ ...about, type: '@statewire.occurrence', occurrence: { kind: 'error', error: text } }, '*')
    }, name)
    await expect.poll(() => viewer.locator('.row:visible').count(), soon).toBe(2)
    await viewer.locator('.row').nth(1).click()
    await expect.poll(() => viewer.locator('.log').innerText(), soon).toContain('<img')
    expect(await viewer.locator('img, b').count()).toBe(0)
    expect(await page.evaluate(`'hurt' in globalThis`)).toBe(false)
    expect(complaints).toEqual([])
  })

  it('accepts messages only from its parent', async () => {
    const { page, viewer } = await open()
    await page.evaluate(`app.load()`)
    await page.evaluate(`new Promise((resolve) => {
      const stranger = document.createElement('iframe')
      stranger.srcdoc = '<script>parent.frames[0].postMessage({ type: "@xstate.snapshot", sessionId: "stranger", createdAt: "1", event: {}, snapshot: { value: { closed: "idle" } } }, "*")</' + 'script>'
      stranger.addEventListener('load', resolve)
      document.body.append(stranger)
    })`)
    await page.evaluate(`app.show('mine')`)
    await expect.poll(() => viewer.locator('.row:visible').count(), soon).toBe(1)
    expect(await viewer.locator('.row .name').first().innerText()).toBe('mine')
  })

  it('tells the app when it is left, and shows the connections again after a reload', async () => {
    const { page, viewer } = await open()
    await page.evaluate(`app.load().then(() => app.show('feed'))`)
    await expect.poll(() => viewer.locator('.row:visible').count(), soon).toBe(1)
    await page.evaluate(`document.querySelector('iframe').src = 'about:blank'`)
    await expect.poll(() => page.evaluate(`app.watched()`), soon).toBe(false)
    await page.evaluate(`document.querySelector('iframe').src = '/viewer.html'`)
    await expect.poll(() => viewer.locator('.row:visible').count(), soon).toBe(1)
  })

  it('works from a file: URL', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'statewire-viewer-'))
    try {
      const app = await (await fetch(site.url)).text()
      writeFileSync(join(folder, 'app.html'), app)
      writeFileSync(join(folder, 'viewer.html'), readFileSync(viewerFile))
      const { page, viewer, complaints } = await open()
      await page.goto(pathToFileURL(join(folder, 'app.html')).href)
      await page.evaluate(`app.load('viewer.html').then(() => app.play('open'))`)
      await expect.poll(() => whatIn(viewer), soon).toBe('Open')
      expect(complaints).toEqual([])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('saves a recording and plays it: forward, paused, and from the start', async () => {
    const { page, viewer } = await open()
    await page.evaluate(`app.load().then(() => app.play('backoff'))`)
    await expect.poll(() => whatIn(viewer), soon).toBe('Backing off')
    const download = page.waitForEvent('download')
    await viewer.locator('#save').click()
    const path = await (await download).path()
    const lines = readFileSync(path, 'utf8').trim().split('\n')
    expect(lines.length).toBeGreaterThan(100)
    expect(lines.every((line) => typeof (JSON.parse(line) as { type: unknown }).type === 'string')).toBe(true)

    const alone = await open({}, '/viewer.html')
    await alone.page.locator('#file').setInputFiles(path)
    const bar = alone.page.locator('#recording')
    await expect.poll(() => bar.isVisible(), soon).toBe(true)
    await alone.page.locator('#play').click()
    await expect.poll(() => alone.page.locator('#play').innerText(), soon).toBe('Play')
    const scrub = alone.page.locator('#scrub')
    await scrub.focus()
    await alone.page.keyboard.press('End')
    const what = (): Promise<string> => alone.page.locator('.headline strong').first().innerText()
    await expect.poll(what, soon).toBe('Backing off')
    // In this scene all three open at once.
    await alone.page.keyboard.press('Home')
    await expect.poll(what, soon).toBe('Open')
    await alone.page.locator('#speed').selectOption('64')
    await alone.page.locator('#play').click()
    await expect.poll(what, soon).toBe('Backing off')
    await alone.page.locator('#leave').click()
    await expect.poll(() => bar.isVisible(), soon).toBe(false)
    expect(alone.complaints).toEqual([])
  })

  it('explains why a file is not a recording', async () => {
    const { page } = await open({}, '/viewer.html')
    await page
      .locator('#file')
      .setInputFiles({ name: 'cat.jsonl', mimeType: 'text/plain', buffer: Buffer.from('meow\n') })
    await expect
      .poll(() => page.locator('#complaint').innerText(), soon)
      .toContain('cat.jsonl contains no inspection messages')
  })

  it('shows a thousand connections with a few dozen rows, and updates them', async () => {
    const { page, viewer, complaints } = await open()
    await page.evaluate(`app.load().then(() => app.play('many'))`)
    await expect.poll(() => viewer.locator('#source').innerText(), soon).toBe('Live: 1,000 connections')
    expect(await viewer.locator('.row').count()).toBeLessThan(60)
    const counted = async (): Promise<number> => {
      const chips = await viewer.locator('#census .chip:visible').allInnerTexts()
      return chips.reduce((sum, text) => sum + Number(text.replaceAll(',', '').match(/\d+/)?.[0] ?? 0), 0)
    }
    await expect.poll(counted, soon).toBe(1_000)
    // A hundred reconnects a second for three seconds, then a thousand closes.
    await page.evaluate(`(async () => {
      const lives = Object.values(app.lives).filter(({ connection }) => connection.state === 'open').slice(0, 100)
      for (let round = 0; round < 3; round++) {
        for (const life of lives) life.connection.reconnect()
        await new Promise((resolve) => setTimeout(resolve, 1000))
      }
      for (const { connection } of Object.values(app.lives)) void connection.close()
      await app.clock.advance(2000)
    })()`)
    await expect.poll(() => viewer.locator('#census .chip[data-phase="ended"]').innerText(), soon).toBe('1,000 ended')
    await viewer.locator('#find').fill('0777')
    await expect.poll(() => viewer.locator('.row:visible').count(), soon).toBe(1)
    expect(await viewer.locator('.row .name').first().innerText()).toBe('client 0777')
    expect(complaints).toEqual([])
  })

  it('works with the keyboard alone, with a visible focus', async () => {
    const { page, viewer } = await open()
    await page.evaluate(`app.load().then(() => app.play('backoff'))`)
    await expect.poll(() => viewer.locator('.row:visible').count(), soon).toBe(3)
    const focused = (): Promise<string> =>
      viewer
        .locator(':focus')
        .evaluate(
          (element) =>
            element.id || (element.getAttribute('data-state') ?? element.getAttribute('class') ?? element.tagName),
        )
    const outlined = (): Promise<boolean> =>
      viewer.locator(':focus').evaluate((element) => {
        const shown = element.matches('.state') ? element.querySelector('rect')! : element
        const { outlineStyle, strokeWidth } = getComputedStyle(shown)
        return outlineStyle !== 'none' || strokeWidth === '3px'
      })
    await viewer.locator('#span').focus()
    const stops: string[] = []
    for (let stop = 0; stop < 30 && (await viewer.locator(':focus').count()) === 1; stop++) {
      stops.push(await focused())
      expect(await outlined(), stops.at(-1)).toBe(true)
      await page.keyboard.press('Tab')
    }
    expect(stops.filter((stop) => !stop.startsWith('chip'))).toEqual([
      'span',
      'open',
      'save',
      'theme',
      'find',
      'list',
      'closed.backoff.scheduled',
      'log-find',
      'log-pause',
      'log',
    ])
    await viewer.locator('#list').focus()
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => viewer.locator('.headline .of').first().innerText(), soon).toBe('prices')
    await page.keyboard.press('Control+ArrowDown')
    await page.keyboard.press(' ')
    await expect.poll(() => viewer.locator('.pane').count(), soon).toBe(2)
    expect(await viewer.locator('.headline .of').allInnerTexts()).toEqual(['prices', 'orders'])
    await page.keyboard.press('Home')
    await expect.poll(() => viewer.locator('.pane').count(), soon).toBe(1)
    await viewer.locator('[data-state="closed.backoff.scheduled"]').focus()
    await page.keyboard.press('ArrowUp')
    expect(await focused()).toBe('closed.backoff.hastened')
    expect(await viewer.locator('.legend').innerText()).toContain('a short random wait, once')
    // Across the gap between `closed` and `live`.
    await page.keyboard.press('ArrowRight')
    expect(await focused()).toMatch(/^live/)
    expect(await viewer.locator('#spoken').getAttribute('aria-live')).toBe('polite')
    await expect
      .poll(() => viewer.locator('#spoken').innerText(), soon)
      .toMatch(/^trades: Backing off before attempt \d, because /)
  })

  it('shows the session of a connection that has one', async () => {
    const { page, viewer, complaints } = await open()
    await page.evaluate(`app.load().then(() => { app.show('plain'); app.showSession('orders') })`)
    await page.evaluate(
      `app.accept(app.lives.plain).then(() => app.welcome(app.lives.orders)).then(() => app.clock.advance(300))`,
    )
    const words = viewer.locator('.row:visible .word')
    await expect.poll(() => words.allInnerTexts(), soon).toEqual(['open', 'open · session attached'])
    expect(await viewer.locator('#session').isVisible()).toBe(false)
    await viewer.locator('.row').nth(1).click()
    await expect.poll(() => viewer.locator('#session').isVisible(), soon).toBe(true)
    await page.evaluate(`app.lives.orders.connection.send('a'); app.lives.orders.connection.send('b')`)
    await page.evaluate(`app.lives.orders.transport.last.end(); app.clock.advance(300)`)
    await expect.poll(() => words.nth(1).innerText(), soon).toBe('backing off · session away, 2 unacked')
    await page.evaluate(
      `app.clock.advance(2000).then(() => app.welcome(app.lives.orders, { rx: 1, seen: 1, resumed: true, tail: 3 }))`,
    )
    await page.evaluate(`app.lives.orders.transport.last.message('a2'); app.clock.advance(300)`)
    await expect.poll(() => words.nth(1).innerText(), soon).toBe('open · session attached')
    const totals = await viewer.locator('#session-totals > div').allInnerTexts()
    expect(totals.map((text) => text.replaceAll(/\s+/g, ' '))).toEqual([
      'Unacknowledged 0',
      'Sent again 1',
      'Received late 3',
      'Resumed 1',
      'Duplicates 0',
      'Lost 0',
    ])
    await expect
      .poll(() => viewer.locator('#log').innerText(), soon)
      .toMatch(/session kept after .*: 1 message sent again, 3 received late/)
    expect(complaints).toEqual([])
  })

  it('on a phone, scales the chart to the screen, and nothing is wider than the screen', async () => {
    const { page, viewer } = await open({ viewport: { width: 390, height: 844 } })
    await page.evaluate(`app.load().then(() => app.play('open'))`)
    await expect.poll(() => whatIn(viewer), soon).toBe('Open')
    const wide = await viewer
      .locator('body *')
      .evaluateAll((elements) =>
        elements
          .filter(
            (element) => element.closest('.spoken') === null && element.getBoundingClientRect().right > innerWidth + 1,
          )
          .map((element) => `${element.tagName} ${element.id} ${element.getAttribute('class')}`),
      )
    expect(wide).toEqual([])
    await expect.poll(() => seen(page, viewer), soon).toBe(true)
    const chartWidth = async (): Promise<number> => (await viewer.locator('svg.chart').boundingBox())!.width
    expect(await chartWidth()).toBeLessThanOrEqual(390)
    // Enlarged, it scrolls to the active state.
    await viewer.getByRole('button', { name: 'Enlarge chart' }).click()
    await expect.poll(chartWidth, soon).toBeGreaterThan(800)
    const isSeen = (): Promise<boolean> => seen(page, viewer)
    await expect.poll(isSeen, soon).toBe(true)
  })
})

async function seen(page: Page, viewer: FrameLocator): Promise<boolean> {
  const box = await viewer.locator('[data-state="live.open.heartbeat.resting"] rect').boundingBox()
  const width = page.viewportSize()!.width
  return box !== null && box.x >= 0 && box.x + box.width <= width
}
