// The lab's page in Chromium: what its buttons do, seen in the page and in the process that serves it.
import type { Browser, Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { faultList } from '../../../src/tools/cli/lab/faults.js'
import { Rig } from '../../../src/tools/cli/lab/rig.js'
import { Site } from '../../../src/tools/cli/lab/site.js'
import { missing } from '../../faults/browsers/browser.js'
import { launch } from '../../faults/browsers/chromium.js'
import { chromiumPath } from '../../support/chromium.js'

const patience = { timeout: 15_000, interval: 100 }

const noChromium = missing('Chromium', chromiumPath)

describe.skipIf(noChromium !== undefined)('the page of the lab', { timeout: 60_000 }, () => {
  let browser: Browser
  let rig: Rig
  let site: Site
  let page: Page
  let complaints: string[]
  let asked: string[]

  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
  })
  beforeEach(async () => {
    rig = await Rig.start()
    site = await Site.start(rig)
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    complaints = []
    asked = []
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      // A link that is broken on purpose is told of by the browser itself.
      if (!message.text().startsWith('WebSocket connection to')) complaints.push(message.text())
    })
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(site.url)
    await both('open')
  })
  afterEach(async () => {
    await page.close()
    await site.close()
    await rig.close()
  })

  const cell = async (side: 'browser' | 'node', name: string): Promise<string> =>
    (await page.locator(`[data-side="${side}"][data-name="${name}"]`).textContent()) ?? ''
  const state = async (side: 'browser' | 'node'): Promise<string> => (await cell(side, 'words')).split(',')[0]!
  const states = async (): Promise<string[]> => [await state('browser'), await state('node')]
  async function both(wanted: string): Promise<void> {
    await expect.poll(states, patience).toEqual([wanted, wanted])
  }
  const number = async (side: 'browser' | 'node', name: string): Promise<number> => Number(await cell(side, name))
  const fault = (name: string) => page.locator(`[data-fault="${name}"]`)
  const links = async (): Promise<number> => rig.since(0).filter(({ what }) => what === 'open').length
  const viewer = () => page.frameLocator('iframe')

  const ended = (code: string): unknown => expect.objectContaining({ code })

  // What each does to the connection in this process; the page's own may know less of it.
  const ends: Readonly<Record<string, object>> = {
    'black hole': { error: ended('ERR_HEARTBEAT_TIMEOUT') },
    partition: { error: ended('ERR_HEARTBEAT_TIMEOUT') },
    reset: { code: 1006 },
    refuse: { status: 503 },
    hang: { error: ended('ERR_CONNECT_TIMEOUT') },
    flap: { code: 1012 },
    kill: { error: ended('ERR_SOCKET') },
  }

  test('has a button for each fault', async () => {
    expect([...Object.keys(ends), 'slow'].toSorted()).toEqual(faultList.map(({ name }) => name).toSorted())
    for (const { name } of faultList) expect(await fault(name).isVisible()).toBe(true)
  })

  test('says which engine runs each connection', async () => {
    const said = await page.locator('#engines').textContent()
    expect(said).toBe('The connection in this page runs on the compiled chart, the one in Node on XState.')
  })

  test('shows both connections alive, counts their messages, and asks for nothing from elsewhere', async () => {
    await expect.poll(() => number('browser', 'received'), patience).toBeGreaterThan(3)
    await expect.poll(() => number('node', 'received'), patience).toBeGreaterThan(3)
    const list = viewer().getByRole('navigation', { name: 'Connections' })
    await expect.poll(() => list.textContent(), patience).toMatch(/browser.*node|node.*browser/s)
    expect(await page.title()).toBe('statewire lab')
    const origin = new URL(site.url).origin
    expect(asked.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith('data:'))).toEqual([])
    expect(complaints).toEqual([])
  })

  test('the button slow makes both round trips longer than a second, and loses no link; heal makes them short', async () => {
    const trip = async (side: 'browser' | 'node'): Promise<number> =>
      Number(/([\d.]+) ms/.exec(await cell(side, 'words'))?.[1] ?? 0)
    const before = await links()
    await fault('slow').click()
    await expect.poll(async () => Math.min(await trip('browser'), await trip('node')), patience).toBeGreaterThan(1_000)
    await fault('heal').click()
    await expect.poll(async () => Math.max(await trip('browser'), await trip('node')), patience).toBeLessThan(1_000)
    expect(await states()).toEqual(['open', 'open'])
    expect(await links()).toBe(before)
  })

  test.each(faultList.filter(({ name }) => name in ends))(
    'the button $name: $effect; and both connections recover',
    async ({ name, lasts }) => {
      const before = rig.now()
      await expect.poll(() => number('browser', 'received'), patience).toBeGreaterThan(0)
      const [queued, lost] = [{ most: 0 }, await number('browser', 'lost')]
      await fault(name).click()
      await expect
        .poll(() => rig.since(before).flatMap((each) => (each.what === 'open' ? [] : [each.event])), patience)
        .toContainEqual(expect.objectContaining(ends[name]!) as unknown)
      if (lasts === 'until healed') {
        await expect.poll(() => fault(name).textContent(), patience).toContain('on: browser, node')
        expect(await fault(name).getAttribute('aria-pressed')).toBe('true')
      }
      // Of the page's own connection: either messages wait, or some are known to be lost, or both.
      await expect
        .poll(async () => {
          queued.most = Math.max(queued.most, await number('browser', 'queued'))
          return queued.most + (await number('browser', 'lost')) - lost
        }, patience)
        .toBeGreaterThan(0)
      await fault('heal').click()
      await both('open')
      await expect
        .poll(async () => [await number('browser', 'queued'), await number('node', 'queued')], patience)
        .toEqual([0, 0])
      await expect.poll(() => fault(name).getAttribute('aria-pressed'), patience).toBe('false')
      expect(complaints.filter((text) => !text.includes('503'))).toEqual([])
    },
  )

  test('strikes only the side that is chosen', async () => {
    await page.locator('[name="side"][value="node"]').check({ force: true })
    await fault('kill').click()
    await expect.poll(() => state('node'), patience).not.toBe('open')
    await expect.poll(() => fault('kill').textContent(), patience).toContain('on: node')
    expect(await state('browser')).toBe('open')
    await fault('heal').click()
    await both('open')
  })

  test('takes letters for buttons, as the terminal does', async () => {
    await page.keyboard.press('k')
    await expect.poll(() => rig.fault?.name, patience).toBe('kill')
    await expect.poll(states, patience).not.toContain('open')
    await page.keyboard.press('o')
    await both('open')
    expect(rig.fault).toBeUndefined()
  })

  test('close(), open() and reconnect() ask both connections', async () => {
    await page.locator('[data-act="close"]').click()
    await both('ended')
    await page.locator('[data-act="open"]').click()
    await both('open')
    const before = await links()
    await page.locator('[data-act="reconnect"]').click()
    await expect.poll(links, patience).toBeGreaterThan(before)
    await both('open')
  })

  test('says so when the process does not answer any more', async () => {
    await site.close()
    await expect.poll(() => page.locator('#notice').isVisible(), patience).toBe(true)
    expect(await page.locator('#notice').textContent()).toContain('does not answer')
  })

  test('in the process nothing is observed unless a page listens', async () => {
    expect(await page.evaluate(() => document.querySelectorAll('iframe').length)).toBe(1)
    let told = 0
    const inspect = rig.connection.inspect.bind(rig.connection)
    const observers: (() => void)[] = []
    rig.connection.inspect = (observer) => {
      told++
      const off = inspect(observer)
      const once = (): void => {
        told--
        off()
      }
      observers.push(once)
      return once
    }
    const other = await browser.newPage()
    await other.goto(site.url)
    await expect.poll(() => told, patience).toBe(1)
    await other.close()
    await expect.poll(() => told, patience).toBe(0)
  })
})
