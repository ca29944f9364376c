import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { encodeJson } from '../../../src/resume/protocol.js'
import type { Direction } from './fault-proxy.js'
import type { HammerNode } from './nodes.js'
import { lease, type FaultName } from './settings.js'
import type { Store } from './stores.js'

/** Between two faults of links, and between two of nodes or the store. Milliseconds. */
const [linkPause, nodePause] = [150, 6_000]

export interface Targets {
  readonly nodes: readonly HammerNode[]
  readonly store: Store
  readonly random: () => number
  /** The ids of the sessions now, by their number. */
  readonly ids: ReadonlyMap<number, string>
}

/** Makes faults until it is stopped, and counts them. */
export class Faults {
  readonly counts: Record<string, number> = {}
  readonly #targets: Targets
  #isOver = false
  #running: Promise<unknown> | undefined

  constructor(targets: Targets) {
    this.#targets = targets
  }

  start(names: readonly FaultName[]): void {
    const heavy = names.filter((name) => name !== 'links' && name !== 'rogue')
    this.#running = Promise.all([
      names.includes('links') && this.#repeat(linkPause, () => this.#link()),
      names.includes('rogue') && this.#repeat(linkPause * 2, () => this.#rogue()),
      // The first one soon, so that short runs have some too.
      heavy.length > 0 && this.#repeat(nodePause, () => this.#heavy(this.#pick(heavy)), 1_000),
    ])
  }

  /** Resolves once the last fault is over. */
  async stop(): Promise<void> {
    this.#isOver = true
    await this.#running
  }

  async #repeat(pause: number, fault: () => unknown, first = pause): Promise<void> {
    for (let next = first; !this.#isOver; next = pause) {
      await sleep(next * (0.5 + this.#targets.random()))
      if (!this.#isOver) await fault()
    }
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#targets.random() * from.length)]!
  }

  #count(name: string): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1
  }

  #link(): void {
    const links = [...this.#pick(this.#targets.nodes).front.links]
    if (links.length === 0) return
    const link = this.#pick(links)
    const chance = this.#targets.random()
    if (chance < 0.3) {
      this.#count('reset')
      link.reset()
    } else if (chance < 0.4) {
      this.#count('finished')
      link.finish()
    } else {
      const isDelay = chance < 0.55
      const directions = this.#pick<readonly Direction[]>([['up', 'down'], ['up'], ['down']])
      const time = isDelay ? 20 + this.#targets.random() * 200 : 50 + this.#targets.random() ** 2 * 4_000
      this.#count(isDelay ? 'delayed' : `half-open ${directions.join(' and ')}`)
      link.hold(...directions)
      setTimeout(() => link.letGo(), time)
    }
  }

  /** A hello with the right credentials and a generation that was used. */
  #rogue(): void {
    const { nodes, ids } = this.#targets
    if (ids.size === 0) return
    const [index, sid] = this.#pick([...ids])
    const socket = new WebSocket(`ws://127.0.0.1:${this.#pick(nodes).front.target}`, ['resume.v1'])
    socket.on('error', () => {})
    socket.on('open', () => {
      socket.send(encodeJson('h', { v: 1, sid, gen: 1, rx: 0, auth: `c${index}` }))
      this.#count('rogue hellos')
    })
    socket.on('message', (data: Buffer) => {
      if (data.toString().startsWith('w')) this.#count('rogue hellos that won')
      socket.terminate()
    })
    setTimeout(() => socket.terminate(), 5_000)
  }

  async #heavy(name: FaultName): Promise<void> {
    const { store, random } = this.#targets
    const node = this.#pick(this.#targets.nodes)
    this.#count(name)
    if (name === 'kill') await node.kill()
    else if (name === 'stop') {
      process.kill(node.pid, 'SIGSTOP')
      await sleep(lease * (1.2 + random()))
      process.kill(node.pid, 'SIGCONT')
    } else if (name === 'cut-store') {
      node.store.silence()
      await sleep(lease * (1.2 + random()))
      node.store.heal()
    } else if (name === 'restart-store') await store.restart()
    else if (name === 'step-down') await store.stepDown()
    else if (name === 'promote-replica') {
      const port = await store.promote()
      for (const each of this.#targets.nodes) each.store.target = port
      for (const each of this.#targets.nodes) for (const link of each.store.links) link.reset()
    }
  }
}
