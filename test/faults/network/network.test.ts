// Faults of a real network: two namespaces with a virtual cable between them, the server in one, the client in the
// other, and the kernel disturbs the traffic. If the kernel does not allow it, the tests are skipped with the reason;
// the fault server covers the same failures.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { createNetwork, probe, type Need, type Network } from './network.js'
import { clientScript, Peer, PORT, serverScript, type Told } from './peers.js'

// The documented bound for an interval of 2 s, a timeout of 1 s and a connect deadline of 2 s.
const ABANDONED = 2_000 + 1_000 + 1_500
const REOPENED = 4_000
/** Tolerance for a busy machine. */
const SLACK = 2_000

// They mostly wait.
vi.setConfig({ maxConcurrency: 14, testTimeout: 120_000 })

const lacks = await probe()
if (lacks.namespaces !== undefined) console.warn(`SKIPPED: faults of a real network: ${lacks.namespaces}`)

const figures: string[] = []
afterAll(() => {
  if (figures.length > 0) console.log(figures.sort().join('\n'))
})

interface Settings {
  /** The server pushes a message every 100 ms. */
  push?: boolean
  /** The client sends one every 100 ms. */
  send?: boolean
  proof?: 'pong'
}

class Scene {
  readonly network: Network
  readonly client: Peer
  readonly #servers: Peer[] = []

  private constructor(network: Network, settings: Settings) {
    this.network = network
    this.startServer()
    const url = `ws://${network.addresses.server}:${PORT}/${settings.push ? '?push' : ''}`
    const args = [url, settings.proof ?? 'any', settings.send ? 'send' : 'quiet']
    this.client = new Peer('client', network.namespaces.client, clientScript, args)
  }

  static async open(settings: Settings, onTestFinished: (fn: () => Promise<void>) => void): Promise<Scene> {
    const network = await createNetwork()
    onTestFinished(() => network.dispose())
    const scene = new Scene(network, settings)
    // In reverse order: first the processes, then the namespaces.
    onTestFinished(() => scene.#end())
    await scene.client.until('first open', opened, 30_000)
    await scene.echo('hello')
    return scene
  }

  async #end(): Promise<void> {
    for (const peer of [this.client, ...this.#servers]) await peer.dispose()
  }

  get server(): Peer {
    return this.#servers.at(-1)!
  }

  startServer(): void {
    const { namespaces, addresses } = this.network
    this.#servers.push(new Peer('server', namespaces.server, serverScript, [addresses.server, `${PORT}`]))
  }

  /** What the client has received, link by link. */
  messages(): Told[] {
    return this.client.told.filter(({ type }) => type === 'message')
  }

  losses(): Told[] {
    return this.client.told.filter(({ type }) => type === 'close')
  }

  async echo(text: string): Promise<Told> {
    this.client.say(text)
    return this.client.until(`echo of ${text}`, ({ echo }) => echo === text, 10_000)
  }

  async drop(side: 'server' | 'client', chain: string, match = '-p tcp', target = 'DROP'): Promise<void> {
    await this.network.on(side, `iptables -w -A ${chain} ${match} -j ${target}`)
  }

  async undrop(side: 'server' | 'client' = 'server'): Promise<void> {
    await this.network.on(side, 'iptables -w -F')
  }

  /** The client's end of its current link. */
  async clientPort(): Promise<string> {
    const { t } = this.client.told.filter(opened).at(-1)!
    const open = await this.server.until(
      'link',
      ({ type, link }) => type === 'open' && link === this.#present(t),
      5_000,
    )
    return `${open['port'] as number}`
  }

  #present(since: number): unknown {
    return this.messages().find((message) => message.t >= since)?.['link']
  }

  /** Makes the client quit; then nothing of it may be left, and its reports must be consistent. */
  async finish(): Promise<void> {
    const quitAt = Date.now()
    this.client.say('quit')
    const exit = await Promise.race([this.client.exited, sleep(2_000 + SLACK + 2_000, 'still running')])
    expect(exit).toEqual({ code: 0, signal: null })
    expect(Date.now() - quitAt).toBeLessThan(2_000 + SLACK)
    const { told } = this.client
    expect(told.filter(({ type }) => type === 'unhandled' || type === 'error')).toEqual([])
    expect(this.client.complaints).toBe('')
    // The client never has a second socket, not even while dialing.
    expect(told.findLast(({ type }) => type === 'sockets')).toMatchObject({ most: 1 })
    // Each link delivers while it is open, and never before or after.
    const periods: Set<unknown>[] = []
    let open = false
    for (const { type, link } of told) {
      if (type === 'open') periods.push(new Set())
      if (type === 'open' || type === 'close') open = type === 'open'
      if (type !== 'message') continue
      expect(open, `a message of link ${String(link)} arrives while a link is open`).toBe(true)
      periods.at(-1)!.add(link)
    }
    const heard = periods.flatMap((links) => [...links])
    expect(heard).toHaveLength(new Set(heard).size)
    for (const links of periods) expect(links.size).toBeLessThanOrEqual(1)
  }

  /** The most links that one server process had open at once. */
  mostAtServer(): number {
    let now = 0
    let most = 0
    for (const { type } of this.server.told) {
      if (type === 'open') most = Math.max(most, ++now)
      if (type === 'close') now--
    }
    return most
  }
}

const opened = ({ type }: Told): boolean => type === 'open'

function needing(need: Need | 'namespaces', title: string): [typeof test, string] {
  const reason = lacks[need]
  return reason === undefined ? [test, title] : [test.skip as typeof test, `${title} (skipped: ${reason})`]
}

interface Fault extends Settings {
  title: string
  need: Need
  /** Breaks the link; may wait, and returns when it broke. */
  breaks(scene: Scene): Promise<number | void>
  /** Until then the outage lasts; if left out, another route is available immediately. */
  heals?(scene: Scene): Promise<void>
  /** The code reported to the app. */
  code: number
  /** Further assertions once it is over. */
  after?(scene: Scene, brokenAt: number): Promise<void> | void
}

const tcp = '-p tcp'
const both = async (scene: Scene): Promise<void> => {
  await scene.drop('server', 'INPUT')
  await scene.drop('server', 'OUTPUT')
}
const heal = (scene: Scene): Promise<void> => scene.undrop()

async function restart(scene: Scene): Promise<void> {
  scene.startServer()
  await scene.server.until('listening', ({ type }) => type === 'listening', 30_000)
}

/**
 * The server's end of the first link, kept by an outage, ends once the network is back, when both sides receive each
 * other's packets.
 */
async function oldLinkEnds(scene: Scene): Promise<void> {
  const first = scene.messages()[0]!['link']
  await scene.server.until(
    `end of link ${String(first)}`,
    ({ type, link }) => type === 'close' && link === first,
    20_000,
  )
}

const found: Fault[] = [
  {
    title: 'N01 an idle link whose packets are dropped both ways is replaced',
    need: 'drop',
    breaks: both,
    heals: heal,
    code: 4000,
  },
  {
    title:
      'N01 a link that is sent over while packets are dropped both ways is replaced, and the app told of the doubt',
    need: 'drop',
    send: true,
    breaks: both,
    heals: heal,
    code: 4000,
    after: (scene) => expect(scene.losses()[0]!['uncertain']).toBeGreaterThan(0),
  },
  {
    title: 'N02 a link on which only the client is no longer heard is replaced, although data flows (proof: pong)',
    need: 'length',
    push: true,
    proof: 'pong',
    // Acknowledgments pass, so the server's data never stops; all other client traffic is dropped.
    breaks: (scene) => scene.drop('server', 'INPUT', `${tcp} --dport ${PORT} -m length --length 53:`),
    heals: heal,
    code: 4000,
    after: (scene, brokenAt) => {
      const { t } = scene.losses()[0]!
      expect(scene.messages().findLast((message) => message.t <= t)!.t).toBeGreaterThan(t - 1_000)
      expect(t).toBeGreaterThan(brokenAt)
    },
  },
  {
    title: 'N02 a link on which nothing reaches the server, not even acknowledgements, is replaced (proof: pong)',
    need: 'drop',
    push: true,
    proof: 'pong',
    breaks: (scene) => scene.drop('server', 'INPUT', `${tcp} --dport ${PORT}`),
    heals: heal,
    code: 4000,
  },
  {
    title: 'N02 a link on which nothing reaches the client is replaced',
    need: 'drop',
    push: true,
    breaks: (scene) => scene.drop('client', 'INPUT'),
    heals: (scene) => scene.undrop('client'),
    code: 4000,
  },
  {
    title: "N03 a link whose interface is down on the client's side is replaced",
    need: 'link',
    push: true,
    breaks: ({ network }) => network.on('client', `ip link set ${network.interfaces.client} down`).then(() => {}),
    heals: ({ network }) => network.on('client', `ip link set ${network.interfaces.client} up`).then(() => {}),
    code: 4000,
  },
  {
    title: "N03 a link whose interface is down on the server's side is replaced",
    need: 'link',
    push: true,
    breaks: ({ network }) => network.on('server', `ip link set ${network.interfaces.server} down`).then(() => {}),
    heals: ({ network }) => network.on('server', `ip link set ${network.interfaces.server} up`).then(() => {}),
    code: 4000,
  },
  {
    title: 'N03 a link whose address the client has lost is replaced by one from its new address',
    need: 'link',
    push: true,
    breaks: async ({ network: { on, addresses, interfaces } }) => {
      await on('client', `ip addr del ${addresses.client}/29 dev ${interfaces.client}`)
      await on('client', `ip addr add ${addresses.spare}/29 dev ${interfaces.client}`)
    },
    code: 4000,
  },
  {
    title: 'N03 a link to a host that becomes unreachable (ICMP) is replaced',
    need: 'unreachable',
    breaks: (scene) => scene.drop('server', 'INPUT', tcp, 'REJECT --reject-with icmp-host-unreachable'),
    heals: heal,
    code: 4000,
  },
  {
    title: 'N04 a half-open link, left by a server that died unheard, is reset by the next ping and replaced',
    need: 'flags',
    breaks: async (scene) => {
      await scene.drop('server', 'OUTPUT', `${tcp} --tcp-flags FIN FIN`)
      scene.server.signal('SIGKILL')
      await scene.server.exited
    },
    heals: restart,
    code: 1006,
  },
  {
    title: 'N04 a link that the network resets is replaced',
    need: 'reset',
    breaks: (scene) => scene.drop('server', 'INPUT', tcp, 'REJECT --reject-with tcp-reset'),
    heals: heal,
    code: 1006,
  },
  {
    title: "N04 a link whose socket is killed on the client's side is replaced",
    need: 'ss',
    breaks: ({ network: { on, addresses } }) => on('client', `ss -tKH dst ${addresses.server}`).then(() => {}),
    code: 1006,
  },
  {
    title: "N04 a link whose socket is killed on the server's side is replaced",
    need: 'ss',
    breaks: ({ network: { on, addresses } }) => on('server', `ss -tKH dst ${addresses.client}`).then(() => {}),
    code: 1006,
  },
  {
    title: 'N05 a link to a server that is killed is replaced once the server is back',
    need: 'link',
    push: true,
    breaks: async (scene) => scene.server.signal('SIGKILL'),
    heals: restart,
    code: 1006,
  },
  {
    title: 'N06 a link to a server that is stopped is replaced once the server goes on',
    need: 'link',
    push: true,
    breaks: async (scene) => scene.server.signal('SIGSTOP'),
    heals: async (scene) => scene.server.signal('SIGCONT'),
    code: 4000,
    after: oldLinkEnds,
  },
  {
    title: 'N07 when the network is back, the old link says nothing any more and ends at the server',
    need: 'drop',
    push: true,
    breaks: both,
    heals: heal,
    code: 4000,
    after: oldLinkEnds,
  },
  {
    title: 'N09 a link whose flow a middlebox has forgotten is replaced by a new flow',
    need: 'drop',
    breaks: async (scene) => {
      const port = await scene.clientPort()
      const at = Date.now()
      await scene.drop('server', 'INPUT', `${tcp} --sport ${port}`)
      await scene.drop('server', 'OUTPUT', `${tcp} --dport ${port}`)
      return at
    },
    code: 4000,
  },
]

describe.concurrent('over a real network', () => {
  for (const fault of found) {
    const [check, title] = needing(fault.need, fault.title)
    check(title, async ({ onTestFinished }) => {
      const scene = await Scene.open(fault, onTestFinished)
      const { client } = scene
      await sleep(500)
      expect(scene.losses()).toEqual([])

      let brokenAt = Date.now()
      brokenAt = (await fault.breaks(scene)) ?? brokenAt
      const close = await client.until('loss', ({ type }) => type === 'close', ABANDONED + 2 * SLACK)
      expect(close).toMatchObject({ code: fault.code, willRetry: true })
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
      const again = (told: Told): boolean => opened(told) && told.t > close.t
      const open = await client.until('next open', again, REOPENED + 2 * SLACK)
      // A process that learns of the return late may find the link already open.
      const reopened = Math.max(0, open.t - healedAt)
      expect(open.t, 'the outage was one').toBeGreaterThanOrEqual(healingAt)
      expect(reopened, 'open again in time').toBeLessThanOrEqual(REOPENED + SLACK)

      const { link } = await scene.echo('after')
      expect(link).not.toBe(scene.messages()[0]!['link'])
      await fault.after?.(scene, brokenAt)
      // Leaves time for remains of the old link to interfere.
      await sleep(1_000)
      expect(client.told.filter(opened)).toHaveLength(2)
      // The dead link, which the server may not have detected, and the current one. A stopped server sees all abandoned
      // attempts at once.
      if (!fault.title.startsWith('N06')) expect(scene.mostAtServer()).toBeLessThanOrEqual(2)
      await scene.finish()
      figures.push(`${fault.title}: abandoned after ${abandoned} ms, open again ${reopened} ms later`)
    })
  }

  {
    const [check, title] = needing(
      'drop',
      'N01 a client that is told to quit during the outage ends, and its process too',
    )
    check(title, async ({ onTestFinished }) => {
      const scene = await Scene.open({ send: true }, onTestFinished)
      await both(scene)
      await sleep(500)
      await scene.finish()
      expect(scene.client.told.findLast(({ type }) => type === 'closed')).toMatchObject({ code: 1006, wasClean: false })
    })
  }

  {
    const [check, title] = needing('loss', 'N10 a link that loses every fifth packet does not flap')
    check(title, async ({ onTestFinished }) => {
      const scene = await Scene.open({ push: true, send: true }, onTestFinished)
      const loss = '-p tcp -m statistic --mode random --probability 0.2'
      await scene.drop('server', 'INPUT', loss)
      await scene.drop('client', 'INPUT', loss)
      const since = Date.now()
      await sleep(12_000)
      const losses = scene.losses().length
      // The kernel's retransmission delays double: a run of bad luck may outlast interval and timeout, but not often.
      expect(losses).toBeLessThanOrEqual(1)
      const heard = scene.messages().filter(({ t }) => t > since).length
      expect(heard).toBeGreaterThan(50)
      await scene.undrop('server')
      await scene.undrop('client')
      await scene.echo('after')
      await scene.finish()
      figures.push(`${title}: ${losses} losses and ${heard} messages in 12 s`)
    })
  }

  {
    const [check, title] = needing('tbf', 'N11 a link so slow that a pong waits behind seconds of data is kept')
    check(title, async ({ onTestFinished }) => {
      const scene = await Scene.open({}, onTestFinished)
      const { on, interfaces } = scene.network
      await on('server', `tc qdisc add dev ${interfaces.server} root tbf rate 256kbit burst 4kb limit 32kb`)
      const since = Date.now()
      scene.client.say('burst 400 500')
      const last = await scene.client.until('end of the backlog', ({ burst }) => burst === 400, 40_000)
      // Longer than interval and timeout, or it proves nothing.
      expect(last.t - since).toBeGreaterThan(4_000)
      await sleep(2_000)
      await scene.echo('after')
      expect(scene.losses()).toEqual([])
      await scene.finish()
      figures.push(`${title}: a backlog of ${last.t - since} ms, no loss`)
    })
  }

  {
    const [check, title] = needing(
      'namespaces',
      'T05 a client that was stopped for longer than any deadline keeps a link that lives',
    )
    check(title, async ({ onTestFinished }) => {
      const scene = await Scene.open({}, onTestFinished)
      // While a ping may be outstanding: whichever timer is active is late.
      scene.client.signal('SIGSTOP')
      await sleep(5_000)
      scene.client.signal('SIGCONT')
      await sleep(4_000)
      await scene.echo('after')
      expect(scene.losses()).toEqual([])
      await scene.finish()
      figures.push(`${title}: no loss`)
    })
  }
})
