// The lab's page in Chromium: what its buttons do in the page, and in the process that serves it.
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
      // The browser logs every broken link.
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
  const state = (side: 'browser' | 'node'): Promise<string> => cell(side, 'state')
  const states = async (): Promise<string[]> => [await state('browser'), await state('node')]
  async function both(wanted: string): Promise<void> {
    await expect.poll(states, patience).toEqual([wanted, wanted])
  }
  const number = async (side: 'browser' | 'node', name: string): Promise<number> => Number(await cell(side, name))
  const fault = (name: string) => page.locator(`[data-fault="${name}"]`)
  const heal = () => page.locator('#heal')
  const links = async (): Promise<number> => rig.since(0).filter(({ what }) => what === 'open').length
  const viewer = () => page.frameLocator('iframe')

  const ended = (code: string): unknown => expect.objectContaining({ code })

  // The end of a link or attempt that each fault causes in Node. The browser sees less of it.
  const ends: Readonly<Record<string, object>> = {
    'black hole': { error: ended('ERR_HEARTBEAT_TIMEOUT') },
    partition: { error: ended('ERR_HEARTBEAT_TIMEOUT') },
    reset: { code: 1006 },
    refuse: { status: 503 },
    hang: { error: ended('ERR_CONNECT_TIMEOUT') },
    flap: { code: 1012 },
    kill: { error: ended('ERR_SOCKET') },
  }

  test.each([
    ['desktop', 1440, 900],
    ['phone', 390, 844],
  ])('on a %s, every fault button shows what it does, without scrolling', async (_, width, height) => {
    expect([...Object.keys(ends), 'slow'].toSorted()).toEqual(faultList.map(({ name }) => name).toSorted())
    await page.setViewportSize({ width, height })
    for (const { name, effect } of faultList) {
      const text = fault(name).getByText(effect, { exact: true })
      await expect.poll(() => text.isVisible(), patience).toBe(true)
      const box = (await text.boundingBox())!
      expect(box.x).toBeGreaterThanOrEqual(0)
      expect(box.x + box.width).toBeLessThanOrEqual(width)
      expect(box.y + box.height).toBeLessThanOrEqual(height)
    }
  })

  test('on a phone, the states stay visible beside the buttons, and nothing is wider than the screen', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await fault('partition').scrollIntoViewIfNeeded()
    await fault('partition').click()
    await expect.poll(() => state('node'), patience).not.toBe('open')
    await page.locator('#counts').scrollIntoViewIfNeeded()
    for (const side of ['browser', 'node'] as const) {
      const box = (await page.locator(`[data-side="${side}"][data-name="state"]`).boundingBox())!
      expect(box.y).toBeGreaterThanOrEqual(0)
      expect(box.y + box.height).toBeLessThanOrEqual(844)
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    await heal().click()
    await both('open')
  })

  const figure = async (name: string): Promise<number> =>
    Number((await page.locator(`[data-session="${name}"]`).textContent())!.replaceAll(',', ''))
  const node = (name: string) => page.locator(`[data-node="${name}"]`)
  const useSession = async (): Promise<void> => {
    await page.locator('#sessions').check()
    await expect.poll(() => figure('handled'), patience).toBeGreaterThan(3)
  }
  /** The node that has the session. */
  const attached = async (): Promise<string> => {
    const at = async (): Promise<string | undefined> => {
      for (const name of ['A', 'B']) if ((await node(name).textContent())?.includes('has the session')) return name
      return undefined
    }
    await expect.poll(at, patience).toBeDefined()
    return (await at())!
  }
  const nothingLost = async (): Promise<void> => {
    const { lost, doubled } = { lost: await figure('lost'), doubled: await figure('doubled') }
    expect({ lost, doubled }).toEqual({ lost: 0, doubled: 0 })
  }

  test('with a session, a killed node loses and doubles nothing, and the other one goes on', async () => {
    await useSession()
    const first = await attached()
    const other = first === 'A' ? 'B' : 'A'
    await node(first).click()
    await expect.poll(() => node(first).textContent(), patience).toContain('is dead')
    await expect.poll(attached, patience).toBe(other)
    const handled = await figure('handled')
    await expect.poll(() => figure('handled'), patience).toBeGreaterThan(handled + 5)
    await nothingLost()
    // Both dead: messages wait. The first one is started again, and gets them all.
    await node(other).click()
    await expect.poll(() => state('browser'), patience).not.toBe('open')
    const sent = await figure('sent')
    await expect.poll(() => figure('sent'), patience).toBeGreaterThan(sent + 5)
    await node(first).click()
    await expect.poll(attached, patience).toBe(first)
    await expect.poll(() => figure('handled'), patience).toBeGreaterThan(sent + 5)
    await nothingLost()
    await expect.poll(() => number('browser', 'uncertain'), patience).toBe(0)
    await expect
      .poll(() => viewer().locator('.row:visible .word').allInnerTexts(), patience)
      .toContain('open · session attached')
    expect(complaints).toEqual([])
  })

  test.each(['black hole', 'flap', 'slow'])('with a session, %s loses nothing', async (name) => {
    await useSession()
    await fault(name).click()
    if (name === 'slow') await page.waitForTimeout(3_000)
    else await expect.poll(() => state('browser'), patience).not.toBe('open')
    const sent = await figure('sent')
    if (await heal().isEnabled()) await heal().click()
    await expect.poll(() => figure('handled'), patience).toBeGreaterThan(sent + 5)
    await nothingLost()
    // What was sent into the black hole.
    if (name === 'black hole') expect(await figure('replayed')).toBeGreaterThan(0)
    expect(await number('browser', 'uncertain')).toBe(0)
  })

  test('the switch goes back to a connection without a session', async () => {
    await useSession()
    await page.locator('#sessions').uncheck()
    expect(await page.locator('#session').isVisible()).toBe(false)
    await expect.poll(() => state('browser'), patience).toBe('open')
    await fault('black hole').click()
    await expect.poll(() => number('browser', 'uncertain'), patience).toBeGreaterThan(0)
  })

  test('heal is disabled while no fault is active on the chosen side', async () => {
    expect(await heal().isDisabled()).toBe(true)
    expect(await heal().textContent()).toContain('no fault is active')
    await page.locator('[name="side"][value="node"]').check({ force: true })
    await fault('partition').click()
    await expect.poll(() => heal().textContent(), patience).toContain('clear partition')
    expect(await heal().isDisabled()).toBe(false)
    await page.locator('[name="side"][value="browser"]').check({ force: true })
    expect(await heal().isDisabled()).toBe(true)
  })

  test('names the engine of each connection', async () => {
    const said = await page.locator('#engines').textContent()
    expect(said).toBe('Engines: the compiled chart in this page, XState in Node.')
  })

  test('shows both connections, counts their messages, and requests nothing from other origins', async () => {
    await expect.poll(() => number('browser', 'echoed'), patience).toBeGreaterThan(3)
    await expect.poll(() => number('node', 'echoed'), patience).toBeGreaterThan(3)
    const list = viewer().getByRole('navigation', { name: 'Connections' })
    await expect.poll(() => list.textContent(), patience).toMatch(/browser.*node|node.*browser/s)
    expect(await page.title()).toBe('statewire lab')
    const origin = new URL(site.url).origin
    expect(asked.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith('data:'))).toEqual([])
    expect(complaints).toEqual([])
  })

  test('slow makes both round trips longer than a second and loses no link; heal makes them short', async () => {
    const trip = async (side: 'browser' | 'node'): Promise<number> =>
      Number(/([\d.]+) ms/.exec(await cell(side, 'next'))?.[1] ?? 0)
    const before = await links()
    await fault('slow').click()
    await expect.poll(async () => Math.min(await trip('browser'), await trip('node')), patience).toBeGreaterThan(1_000)
    await heal().click()
    await expect.poll(async () => Math.max(await trip('browser'), await trip('node')), patience).toBeLessThan(1_000)
    expect(await states()).toEqual(['open', 'open'])
    expect(await links()).toBe(before)
  })

  test.each(faultList.filter(({ name }) => name in ends))(
    '$name: $effect; both connections recover',
    async ({ name, lasts }) => {
      const before = rig.now()
      await expect.poll(() => number('browser', 'echoed'), patience).toBeGreaterThan(0)
      const [queued, uncertain] = [{ most: 0 }, await number('browser', 'uncertain')]
      await fault(name).click()
      await expect
        .poll(() => rig.since(before).flatMap((each) => (each.what === 'open' ? [] : [each.event])), patience)
        .toContainEqual(expect.objectContaining(ends[name]!) as unknown)
      if (lasts === 'until healed') {
        await expect.poll(() => fault(name).textContent(), patience).toContain('on: browser, node')
        expect(await fault(name).getAttribute('aria-pressed')).toBe('true')
      }
      // The page's own connection has queued messages, or uncertain ones, or both.
      await expect
        .poll(async () => {
          queued.most = Math.max(queued.most, await number('browser', 'queued'))
          return queued.most + (await number('browser', 'uncertain')) - uncertain
        }, patience)
        .toBeGreaterThan(0)
      // The other faults have ended by themselves.
      if (lasts === 'until healed') await heal().click()
      await both('open')
      await expect
        .poll(async () => [await number('browser', 'queued'), await number('node', 'queued')], patience)
        .toEqual([0, 0])
      await expect.poll(() => fault(name).getAttribute('aria-pressed'), patience).toBe('false')
      expect(complaints.filter((text) => !text.includes('503'))).toEqual([])
    },
  )

  test('breaks only the chosen side', async () => {
    await page.locator('[name="side"][value="node"]').check({ force: true })
    await fault('kill').click()
    await expect.poll(() => state('node'), patience).not.toBe('open')
    await expect.poll(() => fault('kill').textContent(), patience).toContain('on: node')
    expect(await state('browser')).toBe('open')
    await heal().click()
    await both('open')
  })

  test('takes the same keys as the terminal', async () => {
    await page.keyboard.press('k')
    await expect.poll(() => rig.fault?.name, patience).toBe('kill')
    await expect.poll(states, patience).not.toContain('open')
    await page.keyboard.press('o')
    await both('open')
    expect(rig.fault).toBeUndefined()
  })

  test('close(), open() and reconnect() act on both connections', async () => {
    await page.locator('[data-act="close"]').click()
    await both('ended')
    await page.locator('[data-act="open"]').click()
    await both('open')
    const before = await links()
    await page.locator('[data-act="reconnect"]').click()
    await expect.poll(links, patience).toBeGreaterThan(before)
    await both('open')
  })

  test('reports a process that does not answer', async () => {
    await site.close()
    await expect.poll(() => page.locator('#notice').isVisible(), patience).toBe(true)
    expect(await page.locator('#notice').textContent()).toContain('does not answer')
  })

  test('observes the connection in Node only while a page listens', async () => {
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
