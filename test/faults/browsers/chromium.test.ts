import { expect, test } from 'vitest'
import { createFaultServer } from '../../../src/testing/index.js'
import { ChromiumPage, launch } from './chromium.js'
import { serveSite } from './site.js'
import { missing, is } from './browser.js'
import { setTimeout as sleep } from 'node:timers/promises'
missing('Chromium', '/usr/bin/chromium')
const site = await serveSite()
const browser = await launch()
const server = await createFaultServer({ onMessage: (m, s) => s.send(m === 'ping' ? 'pong' : m) })
test('freeze', async () => {
  const page = await ChromiumPage.open(browser, site.url)
  await page.opened(server.url)
  let n = 0
  const t = setInterval(() => server.send(`n${++n}`), 50)
  await sleep(500)
  await page.cdp.send('Page.setWebLifecycleState', { state: 'frozen' })
  await sleep(5000)
  console.log('frozen for 5 s', n)
  await page.cdp.send('Page.setWebLifecycleState', { state: 'active' })
  await sleep(3000)
  clearInterval(t)
  console.log((await page.told()).map((x) => JSON.stringify(x)).join('\n'))
  console.log(server.log.filter(e => !e.what.startsWith('frame')).map(x => JSON.stringify(x)).join('\n'))
}, 60000)
test('offline', async () => {
  const page = await ChromiumPage.open(browser, site.url)
  await page.opened(server.url)
  await page.cdp.send('Network.enable')
  await page.cdp.send('Network.emulateNetworkConditions', { offline: true, latency: 0, downloadThroughput: -1, uploadThroughput: -1 })
  await sleep(500)
  server.send('while offline')
  await sleep(5000)
  await page.cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 })
  await sleep(3000)
  console.log((await page.told()).map((x) => JSON.stringify(x)).join('\n'))
}, 60000)
test('bfcache', async () => {
  const page = await ChromiumPage.open(browser, site.url)
  page.cdp.on('Page.backForwardCacheNotUsed', (e) => console.log(JSON.stringify(e)))
  await page.cdp.send('Page.enable')
  await page.opened(server.url)
  await page.driven.goto(site.url + 'other')
  await sleep(500)
  await page.driven.goBack().catch(e => console.log(String(e)))
  await sleep(2000)
  console.log((await page.told()).map((x) => JSON.stringify(x)).join('\n'))
}, 60000)
