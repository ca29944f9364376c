// An Angular app with zone.js: it becomes stable while only a connection is active, and a listener runs in the zone
// where it was registered, as a WebSocket's listeners do.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { FaultServer } from '../../src/tools/testing/index.js'
import { missing, serveEcho } from '../faults/browsers/browser.js'
import { launch } from '../faults/browsers/chromium.js'
import { chromiumPath } from '../support/chromium.js'
import { copyExamples, missingTools, vite, type Copy } from './support/examples.js'
import { serveFolder } from './support/serve-folder.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

const cannot = missingTools() ?? missing('Chromium', chromiumPath)

/** Plain fields: without change detection the page does not show them. */
const app = `
import 'zone.js'
import 'zone.js/plugins/fake-async-test'
import { Component, inject, NgZone, provideZoneChangeDetection } from '@angular/core'
import { bootstrapApplication } from '@angular/platform-browser'
import { createConnection, textHeartbeat } from 'statewire'
import { ReconnectingWebSocket } from 'statewire/websocket'

const url = import.meta.env.VITE_SERVER
const heartbeat = textHeartbeat({ interval: 400, timeout: 1_000, ping: 'ping', pong: 'pong' })

@Component({ selector: 'app-feed', template: '<output>{{ state }}</output><p>{{ last }}</p>' })
class Feed {
  state = 'none'
  last = 'none'
  constructor() {
    const zone = inject(NgZone)
    const inside = (work: () => unknown) => zone.run(work)
    const outside = (work: () => unknown) => zone.runOutsideAngular(work)
    const heard: Record<string, boolean[]> = {}
    const hears = (name: string) => () => void (heard[name] ??= []).push(NgZone.isInAngularZone())
    Object.assign(globalThis, {
      heard, hears, inside, outside, feed: this, NgZone,
      connect: () => createConnection<string>(url, { heartbeat, backoff: () => 300 }),
      dropIn: () => new ReconnectingWebSocket(url, [], { heartbeat, minReconnectionDelay: 300, maxReconnectionDelay: 300 }),
    })
  }
}

void bootstrapApplication(Feed, { providers: [provideZoneChangeDetection()] }).then((app) => {
  const after = (ms: number) =>
    new Promise((late) => (globalThis as any).outside(() => setTimeout(late, ms, 'not stable')))
  Object.assign(globalThis, {
    settled: (within = 10_000) => Promise.race([app.whenStable().then(() => 'stable'), after(within)]),
  })
})
`

describe.skipIf(cannot !== undefined)('in Chromium, with Angular and zone.js', () => {
  let browser: Browser
  let copy: Copy
  let site: Awaited<ReturnType<typeof serveFolder>>
  let server: FaultServer
  let page: Page
  let uncaught: string[]

  beforeAll(async () => {
    browser = await launch()
    copy = await copyExamples()
    server = await serveEcho()
    await writeFile(join(copy.folder, 'angular/main.ts'), app)
    site = await serveFolder(join(copy.folder, 'built'))
    // Angular's own tools compile away `async` and `await`, which zone.js cannot patch, including those of libraries.
    for (const target of ['es2022', 'es2016']) {
      const settings = `import angular from '@analogjs/vite-plugin-angular'
        export default { plugins: [angular({ tsconfig: 'tsconfig.json' })], build: { target: '${target}' }, oxc: { target: '${target}' } }`
      await writeFile(join(copy.folder, 'angular/vite.config.ts'), settings)
      const out = join(copy.folder, 'built', target)
      await vite(copy.folder, ['build', 'angular', '--outDir', out, '--base', './', '--logLevel', 'warn'], server.url)
    }
  })
  afterAll(async () => {
    await browser?.close()
    await site?.[Symbol.asyncDispose]()
    await server?.close()
    await copy?.remove()
  })

  describe.each(['es2022', 'es2016'])('compiled to %s', (target) => {
    beforeEach(async () => {
      uncaught = []
      page = await (await browser.newContext()).newPage()
      page.on('pageerror', (error) => uncaught.push(String(error)))
      await page.goto(`${site.url}${target}/`)
      await page.waitForFunction(`typeof settled === 'function'`)
    })
    afterEach(async () => {
      await page.context().close()
      await server.listenAgain()
      expect(uncaught).toEqual([])
    })

    const until = (expression: string): Promise<unknown> =>
      page.waitForFunction(expression, undefined, { timeout: 15_000 })

    test.each([
      ['createConnection', 'connect()', 'it'],
      ['ReconnectingWebSocket', 'dropIn()', 'it.connection'],
    ])('it becomes stable while %s is open, and while it waits for its next attempt', async (_, make, connection) => {
      await page.evaluate(`void inside(() => (globalThis.it = ${make}))`)
      await until(`${connection}.state === 'open'`)
      // With a heartbeat, which keeps resetting timers.
      await page.evaluate(`new Promise((answered) => ${connection}.on('heartbeat', answered, { once: true }))`)
      expect(await page.evaluate('settled()')).toBe('stable')
      await page.evaluate(`void inside(() => ${connection}.send('hello'))`)
      expect(await page.evaluate('settled()')).toBe('stable')
      await server.stopListening()
      server.reset()
      await until(`${connection}.state === 'backoff' && ${connection}.status.attempt > 2`)
      expect(await page.evaluate('settled()')).toBe('stable')
      await server.listenAgain()
      await until(`${connection}.state === 'open'`)
      await page.evaluate(`void inside(() => ${connection}.reconnect())`)
      await until(`${connection}.state === 'open'`)
      expect(await page.evaluate('settled()')).toBe('stable')
    })

    test('it does not with a timer of the app, so the test detects pending work', async () => {
      await page.evaluate(`void inside(() => setTimeout(() => {}, 60_000))`)
      expect(await page.evaluate('settled(1_000)')).toBe('not stable')
    })

    test('listeners run in the zone where they were registered, on every socket', async () => {
      for (const where of ['inside', 'outside']) {
        await page.evaluate(`void ${where}(() => {
          globalThis.made_${where} = connect()
          globalThis.drop_${where} = dropIn()
        })`)
        for (const zone of ['inside', 'outside']) {
          await page.evaluate(`void ${zone}(() => {
            const name = '${zone}: made ${where}'
            for (const type of ['open', 'message', 'heartbeat', 'close', 'backoff', 'state']) made_${where}.on(type, hears(name + ': ' + type))
            made_${where}.on('message', hears(name + ': once'), { once: true })
            made_${where}.subscribe(hears(name + ': subscribe'))
            for (const type of ['open', 'message', 'close']) drop_${where}.addEventListener(type, hears(name + ': drop-in: ' + type))
          })`)
        }
        await page.evaluate(`void inside(() => {
          drop_${where}.onmessage = hears('inside: made ${where}: drop-in: onmessage')
        })`)
      }
      const all = ['made_inside', 'made_outside', 'drop_inside.connection', 'drop_outside.connection']
      const opened = async (): Promise<void> => {
        for (const each of all) await until(`${each}.state === 'open'`)
        await page.evaluate(`void [${all.join()}].forEach((each) => each.send('hello'))`)
      }
      await opened()
      await until(`heard['inside: made inside: message']?.length > 0`)
      server.reset()
      for (const each of all)
        await until(`heard['inside: made outside: backoff']?.length > 0 && ${each}.state === 'open'`)
      await opened()
      const names = 2 * 2 * (8 + 3) + 2
      await until(`Object.keys(heard).length === ${names} && heard['outside: made outside: message'].length > 1`)
      const heard = await page.evaluate<Record<string, boolean[]>>('heard')
      const wrong = Object.entries(heard).filter(([name, zones]) =>
        zones.some((inside) => inside !== name.startsWith('inside')),
      )
      expect(wrong).toEqual([])
    })

    test("a listener registered in Angular's zone triggers change detection", async () => {
      await page.evaluate(`void inside(() => {
        globalThis.it = connect()
        it.subscribe(({ state }) => (feed.state = state))
        it.on('message', (message) => (feed.last = message))
      })`)
      await page.getByText('open', { exact: true }).waitFor()
      await page.evaluate(`void outside(() => it.send('shown'))`)
      await page.getByText('shown', { exact: true }).waitFor()
      await server.stopListening()
      server.reset()
      await page.getByText('backoff', { exact: true }).waitFor()
    })

    test("time faked in a zone around Angular's also applies to a connection", async () => {
      const states = await page.evaluate(`(() => {
        const faked = new Zone.FakeAsyncTestZoneSpec('faked')
        return Zone.current.fork(faked).run(() => new NgZone({}).run(() => {
          globalThis.it = connect()
          faked.flushMicrotasks()
          const before = it.state
          faked.tick(10_001)
          return [before, it.state, it.status.why]
        }))
      })()`)
      expect(states).toEqual(['connecting', 'backoff', 'connect-timeout'])
    })

    test('a listener that throws is reported to the connection, not to Angular', async () => {
      await page.evaluate(`void inside(() => {
        globalThis.it = connect()
        it.on('error', ({ code }) => (globalThis.reported = code))
        it.on('message', () => { throw new Error('listener') })
      })`)
      await until(`it.state === 'open'`)
      await page.evaluate(`void it.send('hello')`)
      await until(`globalThis.reported === 'ERR_LISTENER'`)
    })
  })
})
