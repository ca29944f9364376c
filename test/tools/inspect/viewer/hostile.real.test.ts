// Hostile messages in the published viewer, in Chromium.
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { chromiumPath } from '../../../support/chromium.js'
import { awkwardTexts, chart, hostileMessage } from '../support/hostile.js'
import { buildViewer, startSite, type Site } from './site.js'

const missing = existsSync(chromiumPath) ? undefined : `no Chromium at ${chromiumPath}`
if (missing !== undefined && process.env['CI']) throw new Error(`the viewer's tests need Chromium: ${missing}`)
if (missing !== undefined) console.warn(`SKIPPED: hostile messages in the viewer: ${missing}`)

const soon = { timeout: 15_000, interval: 30 }
const open = { live: { open: { heartbeat: 'resting', stability: 'settling' } } }

describe.skipIf(missing !== undefined)('the viewer in a browser', () => {
  let site: Site
  beforeAll(async () => {
    buildViewer()
    site = await startSite()
  }, 60_000)
  afterAll(async () => {
    await site?.[Symbol.asyncDispose]()
  })

  /** Posts messages as the page around the viewer does. */
  const post = `globalThis.post = (each) => document.querySelector('iframe').contentWindow.postMessage(each, '*')`

  it('keeps updating after a message from the year 55840', { timeout: 60_000 }, async () => {
    const { page, viewer, complaints } = await site.open()
    await page.evaluate(`app.load()`)
    await page.evaluate(post)
    const send = (sessionId: string, createdAt: string, value: unknown): Promise<unknown> => {
      const actor = { type: '@xstate.actor', sessionId, createdAt, name: sessionId, definition: chart }
      const snapshot = { type: '@xstate.snapshot', sessionId, createdAt, event: {}, snapshot: { value } }
      return page.evaluate(`post(${JSON.stringify(actor)}); post(${JSON.stringify(snapshot)})`)
    }
    await send('nanoseconds', `${Date.now()}000000`, open)
    await send('microseconds', `${Date.now()}000`, open)
    await send('never', 'NaN', open)
    await send('feed', String(Date.now()), open)
    await expect.poll(() => viewer.locator('.row:visible').count(), soon).toBe(4)
    for (const name of ['nanoseconds', 'microseconds', 'never', 'feed']) {
      await viewer.locator('.row', { hasText: name }).click()
      await expect.poll(() => viewer.locator('.headline strong').first().innerText(), soon).toBe('Open')
      await expect
        .poll(() => viewer.locator('.headline .when').first().innerText(), soon)
        .toMatch(/^for \d+(?:\.\d)? m?s$/)
    }
    await send('feed', String(Date.now()), { closed: 'ended' })
    await expect.poll(() => viewer.locator('.headline strong').first().innerText(), soon).toBe('Ended')
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it('shows any message without an error of its own', { timeout: 120_000 }, async () => {
    const { page, viewer, complaints } = await site.open()
    await page.evaluate(`app.load()`)
    await page.evaluate(post)
    const batches = fc.sample(fc.array(hostileMessage, { minLength: 40, maxLength: 40 }), { seed: 13, numRuns: 40 })
    for (const [index, batch] of batches.entries()) {
      const text = JSON.stringify(batch, (_, value) => (typeof value === 'bigint' ? 1 : value))
      await page.evaluate((json) => {
        for (const each of JSON.parse(json)) (globalThis as unknown as { post(each: unknown): void }).post(each)
      }, text)
      // Only selected connections are drawn, so the selection changes each time.
      await viewer.locator('#list').evaluate((list, at) => {
        const rows = list.querySelectorAll<HTMLElement>('.row:not([hidden])')
        rows[at % rows.length]?.click()
      }, index)
    }
    for (const name of awkwardTexts) {
      const about = { sessionId: `named ${name}`, createdAt: String(Date.now()) }
      await page.evaluate(
        (json) => {
          for (const each of JSON.parse(json)) (globalThis as unknown as { post(each: unknown): void }).post(each)
        },
        JSON.stringify([
          {
            ...about,
            type: '@xstate.snapshot',
            event: { type: name },
            snapshot: { value: { [name]: {}, closed: 'ended' } },
          },
          { ...about, type: '@statewire.occurrence', occurrence: { kind: 'close', error: name } },
        ]),
      )
    }
    await page.evaluate(`app.show('feed')`)
    // Only the rows in view exist, and the new one is the last.
    await viewer.locator('#find').fill('feed')
    await expect.poll(() => viewer.locator('.row', { hasText: 'feed' }).count(), soon).toBe(1)
    await viewer.locator('.row', { hasText: 'feed' }).click()
    await expect.poll(() => viewer.locator('.headline .of').first().innerText(), soon).toBe('feed')
    expect(await viewer.locator('body').innerText()).not.toMatch(/native code|\[object /)
    expect(complaints).toEqual([])
    await page.context().close()
  })
})
