import { once } from 'node:events'
import { fork } from '../../support/processes.js'
import { FaultProxy } from './fault-proxy.js'
import { lease, type AppendOrder, type NodeReport, type NodeSettings } from './settings.js'

const script = `${import.meta.dirname}/node-process.ts`
type Appended = Extract<NodeReport, { type: 'appended' }>

/** Where a node finds its store and the app's database; the store is behind a proxy of the node's own. */
export type NodePlan = Omit<NodeSettings, 'name' | 'store'> & {
  readonly store: Omit<NodeSettings['store'], 'port' | 'lease'>
}

/** One server node, which is started again after each kill, under another name. */
export class HammerNode {
  readonly #index: number
  readonly #plan: NodePlan
  /** In front of the node, for its clients. */
  readonly front: FaultProxy
  /** In front of the store, for this node. */
  readonly store: FaultProxy
  #process: ReturnType<typeof fork> | undefined
  #starts = 0
  #orders = 0
  #isStopped = false
  readonly #waiting = new Map<number, (answer: Appended | undefined) => void>()
  #metrics: Readonly<Record<string, number>> = {}
  /** Of all processes of this node that ended in order or were asked. */
  readonly counts: Record<string, number> = {}

  private constructor(index: number, plan: NodePlan, front: FaultProxy, store: FaultProxy) {
    this.#index = index
    this.#plan = plan
    this.front = front
    this.store = store
  }

  static async start(index: number, plan: NodePlan, storePort: number): Promise<HammerNode> {
    const node = new HammerNode(index, plan, await FaultProxy.start(0), await FaultProxy.start(storePort))
    await node.boot()
    return node
  }

  get pid(): number {
    return this.#process!.pid!
  }

  async boot(): Promise<void> {
    const name = `n${this.#index}-${++this.#starts}`
    const settings: NodeSettings = {
      ...this.#plan,
      name,
      store: { ...this.#plan.store, port: this.store.port, lease },
    }
    const child = fork(script, [JSON.stringify(settings)], {
      execArgv: ['--import', 'tsx'],
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#process = child
    const ready = new Promise<number>((resolve, reject) => {
      child.on('message', (report: NodeReport) => {
        if (report.type === 'ready') resolve(report.port)
        else if (report.type === 'metrics') this.#metrics = report.counts
        else this.#answer(report.order, report)
      })
      child.on('exit', (code) => reject(new Error(`node ${name} exited with ${code}`)))
    })
    child.on('exit', () => {
      if (this.#process === child) for (const order of this.#waiting.keys()) this.#answer(order, undefined)
    })
    this.front.target = await ready
  }

  /** Resolves with `undefined` if the node dies meanwhile: then it isn't known which of them were appended. */
  append(id: string, values: readonly number[]): Promise<Appended | undefined> {
    const child = this.#process!
    if (!child.connected) return Promise.resolve(undefined)
    const order = ++this.#orders
    return new Promise((resolve) => {
      this.#waiting.set(order, resolve)
      child.send({ order, id, values } satisfies AppendOrder, (failed) => {
        if (failed) this.#answer(order, undefined)
      })
    })
  }

  /** `kill -9`, and a new process. */
  async kill(): Promise<void> {
    const child = this.#process!
    const exited = once(child, 'exit')
    await this.askMetrics()
    this.#keepMetrics()
    process.kill(this.pid, 'SIGKILL')
    await exited
    for (const link of this.front.links) link.reset()
    await this.boot()
  }

  async askMetrics(): Promise<void> {
    const child = this.#process!
    if (!child.connected) return
    const answered = new Promise<void>((resolve) => {
      const hear = (report: NodeReport): void => {
        if (report.type !== 'metrics') return
        child.off('message', hear)
        resolve()
      }
      child.on('message', hear)
      setTimeout(resolve, 1_000)
    })
    child.send('metrics', () => {})
    await answered
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    await this.askMetrics()
    this.#keepMetrics()
    this.#process!.kill('SIGKILL')
    this.front.close()
    this.store.close()
  }

  #keepMetrics(): void {
    for (const [name, count] of Object.entries(this.#metrics)) this.counts[name] = (this.counts[name] ?? 0) + count
    this.#metrics = {}
  }

  #answer(order: number, report: Appended | undefined): void {
    const resolve = this.#waiting.get(order)
    this.#waiting.delete(order)
    resolve?.(report)
  }
}
