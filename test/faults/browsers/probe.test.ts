import { test } from 'vitest'
import { createFaultServer } from '../../../src/testing/index.js'
import { ChromiumPage, launch, args } from './chromium.js'
import { serveSite } from './site.js'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from 'playwright'
const site = await serveSite()
const port = 9333
const owner = await launch({ args: [...args, `--remote-debugging-port=${port}`, '--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/10,AllowAggressiveThrottlingWithWebSocket'], ignoreDefaultArgs: ['--disable-back-forward-cache', '--disable-background-timer-throttling', '--disable-backgrounding-occluded-windows', '--disable-renderer-backgrounding'] })
const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true })
const context = browser.contexts()[0]!
const make = () => createFaultServer({ onMessage: (m, s) => s.send(m === 'ping' ? 'pong' : m) })
const idle = await make()
const busy = await make()
test('hidden', async () => {
  const pages = []
  for (const server of [idle, busy]) {
    const page = await ChromiumPage.of(await context.newPage())
    await page.goto(site.url)
    await page.opened(server.url)
    await page.evaluate('void setInterval(() => tell("tick"), 1000)')
    pages.push(page)
  }
  const other = await context.newPage()
  await other.bringToFront()
  let n = 0
  setInterval(() => busy.send(`n${++n}`), 300)
  for (let round = 0; round < 3; round++) {
    await sleep(45_000)
    console.log('swallow at', Date.now())
    for (const server of [idle, busy]) server.links.at(-1)?.swallow()
  }
  await sleep(150_000)
  for (const page of pages) console.log((await page.told()).filter(t => t.type !== 'heartbeat' && t.type !== 'message').map((x) => JSON.stringify(x)).join('\n'))
}, 400000)
