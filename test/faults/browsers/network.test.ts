// Links that die silently under Chromium: it runs in one network namespace, page and server in another, and the kernel
// disturbs the traffic between them. The same faults over `ws` are in ../network.
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createNetwork, probe, type Need, type Network } from '../network/network.js'
import { Peer, PORT, serverScript } from '../network/peers.js'
import { is, missing } from './browser.js'
import { ChromiumPage, launchIn } from './chromium.js'
import { chromiumPath } from '../../support/chromium.js'

// The documented bound for the page's interval of 2 s, timeout of 1 s and connect deadline of 2 s.
const ABANDONED = 2_000 + 1_000 + 1_500
const REOPENED = 4_000
/** Tolerance for a busy machine. */
const SLACK = 2_000

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const noChromium = missing('Chromium', chromiumPath)
const lacks = await probe()
if (lacks.namespaces !== undefined) console.warn(`SKIPPED: Chromium in a real network: ${lacks.namespaces}`)

class Scene {
  readonly network: Network
  readonly page: ChromiumPage
  server!: Peer

  constructor(network: Network, page: ChromiumPage) {
    this.network = network
    this.page = page
  }

  async startServer(): Promise<void> {
    const { namespaces, addresses } = this.network
    this.server = new Peer('server', namespaces.server, serverScript, [addresses.server, `${PORT}`])
    await this.server.until('listening', is('listening'), 30_000)
  }

  async drop(chain: string, match = '-p tcp'): Promise<void> {
    await this.network.on('server', `iptables -w -A ${chain} ${match} -j DROP`)
  }

  /** The page makes a round trip over its current link. */
  async echo(text: string): Promise<void> {
    await this.page.evaluate(`void connection.send('${text}')`)
    await this.page.until(
      `echo of ${text}`,
      ({ data }) => typeof data === 'string' && data.includes(`"echo":"${text}"`),
    )
  }
}

interface Fault {
  title: string
  need: Need
  breaks(scene: Scene): Promise<unknown>
  /** Until then the outage lasts; if left out, another route is available immediately. */
  heals?(scene: Scene): Promise<unknown>
}

const faults: Fault[] = [
  {
    title: 'N01 in Chromium, a link whose packets are dropped both ways is replaced',
    need: 'drop',
    breaks: async (scene) => {
      await scene.drop('INPUT', `-p tcp --dport ${PORT}`)
      await scene.drop('OUTPUT', `-p tcp --sport ${PORT}`)
    },
    heals: ({ network }) => network.on('server', 'iptables -w -F'),
  },
  {
    title: 'N03 in Chromium, a link whose interface is down is replaced',
    need: 'link',
    breaks: ({ network }) => network.on('client', `ip link set ${network.interfaces.client} down`),
    heals: ({ network }) => network.on('client', `ip link set ${network.interfaces.client} up`),
  },
  {
    title: "N03 in Chromium, a link whose interface is down on the server's side is replaced",
    need: 'link',
    breaks: ({ network }) => network.on('server', `ip link set ${network.interfaces.server} down`),
    heals: ({ network }) => network.on('server', `ip link set ${network.interfaces.server} up`),
  },
  {
    title: 'N04 in Chromium, a half-open link, left by a server that died unheard, is replaced',
    need: 'flags',
    breaks: async (scene) => {
      await scene.drop('OUTPUT', '-p tcp --tcp-flags FIN FIN')
      await scene.server.dispose()
    },
    heals: async (scene) => {
      await scene.network.on('server', 'iptables -w -F')
      await scene.startServer()
    },
  },
  {
    title: 'N06 in Chromium, a link to a server that is stopped is replaced once the server goes on',
    need: 'link',
    breaks: async ({ server }) => server.signal('SIGSTOP'),
    heals: async ({ server }) => server.signal('SIGCONT'),
  },
  // Last, because it changes the client's address.
  {
    title: 'N03 in Chromium, a link whose address the client has lost is replaced by one from its new address',
    need: 'link',
    breaks: async ({ network: { on, addresses, interfaces } }) => {
      await on('client', `ip addr del ${addresses.client}/29 dev ${interfaces.client}`)
      await on('client', `ip addr add ${addresses.spare}/29 dev ${interfaces.client}`)
    },
  },
]

describe.skipIf(noChromium !== undefined || lacks.namespaces !== undefined)('Chromium over a real network', () => {
  // One network and one browser for all tests, because a browser starts slowly.
  const ends: (() => PromiseLike<void>)[] = []
  const figures: string[] = []
  let network: Network
  let chromium: Awaited<ReturnType<typeof launchIn>>
  let site: string

  beforeAll(async () => {
    network = await createNetwork()
    ends.push(() => network.dispose())
    const script = fileURLToPath(new URL('./site-process.ts', import.meta.url))
    const process = new Peer('site', network.namespaces.server, script, [network.addresses.server, '8081'])
    ends.push(() => process.dispose())
    site = (await process.until('listening', is('listening'), 30_000))['url'] as string
    chromium = await launchIn(network.namespaces.client)
    ends.push(() => chromium[Symbol.asyncDispose]())
  })

  afterAll(async () => {
    for (const end of ends.reverse()) await end()
    if (figures.length > 0) console.log(figures.join('\n'))
  })

  for (const fault of faults) {
    const reason = lacks[fault.need]
    const check = reason === undefined ? test : test.skip
    check(reason === undefined ? fault.title : `${fault.title} (skipped: ${reason})`, async ({ onTestFinished }) => {
      const page = await ChromiumPage.open(chromium.browser, site)
      const scene = new Scene(network, page)
      onTestFinished(async () => {
        await page.close()
        await scene.server.dispose()
      })
      await scene.startServer()
      await page.opened(
        `ws://${network.addresses.server}:${PORT}/`,
        `{ heartbeat: textHeartbeat({
          interval: 2_000, timeout: 1_000, ping: 'ping', pong: (frame) => String(frame).includes('"echo":"ping"')
        }) }`,
      )
      await scene.echo('before')
      const brokenAt = Date.now()
      await fault.breaks(scene)
      const close = await page.until('loss', is('close'), ABANDONED + 2 * SLACK)
      expect(close).toMatchObject({ willRetry: true })
      const abandoned = close.t - brokenAt
      expect(abandoned, 'abandoned in time').toBeLessThanOrEqual(ABANDONED + SLACK)
      let healingAt = close.t
      let healedAt = close.t
      if (fault.heals) {
        // Long enough for failed attempts.
        await sleep(1_500)
        healingAt = Date.now()
        await fault.heals(scene)
        healedAt = Date.now()
      }
      const open = await page.until('next open', ({ type, t }) => type === 'open' && t > close.t, REOPENED + 2 * SLACK)
      const reopened = Math.max(0, open.t - healedAt)
      expect(open.t, 'the outage was one').toBeGreaterThanOrEqual(healingAt)
      expect(reopened, 'open again in time').toBeLessThanOrEqual(REOPENED + SLACK)
      await scene.echo('after')
      // Leaves time for remains of the old link to interfere.
      await sleep(1_000)
      expect(await page.all('open')).toHaveLength(2)
      await page.kept()
      figures.push(`${fault.title}: ${close['code'] as number} after ${abandoned} ms, open again ${reopened} ms later`)
    })
  }
})
