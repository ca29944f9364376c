import { memoryStore } from '../../../server/index.js'
import { Effects } from './effects.js'
import type { NodeName } from './protocol.js'
import { SessionNode } from './session-node.js'

/** Two nodes that share a session store. Either can be killed and started again. */
export class SessionNodes implements AsyncDisposable {
  readonly #nodes: Readonly<Record<NodeName, SessionNode>>
  readonly #listeners = new Set<() => void>()
  /** Killing and starting run one after the other. */
  #work: Promise<void> = Promise.resolve()

  static async start(): Promise<SessionNodes> {
    const store = memoryStore()
    const effects = new Effects()
    const nodes = { A: new SessionNode('A', store, effects), B: new SessionNode('B', store, effects) }
    await Promise.all([nodes.A.start(), nodes.B.start()])
    return new SessionNodes(nodes)
  }

  private constructor(nodes: Readonly<Record<NodeName, SessionNode>>) {
    this.#nodes = nodes
  }

  /** The addresses of A and B. */
  get urls(): readonly string[] {
    return [this.#nodes.A.url, this.#nodes.B.url]
  }

  /** Which nodes run. */
  get up(): Readonly<Record<NodeName, boolean>> {
    return { A: this.#nodes.A.isUp, B: this.#nodes.B.isUp }
  }

  /** Calls `listener` when a node was killed or started. Returns an unsubscribe function. */
  on(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  kill(name: NodeName): Promise<void> {
    return this.#then(() => this.#nodes[name].kill())
  }

  /** Rejects if another process has taken its port. */
  start(name: NodeName): Promise<void> {
    return this.#then(() => this.#nodes[name].start())
  }

  async close(): Promise<void> {
    await this.#then(async () => {
      await Promise.all([this.#nodes.A.kill(), this.#nodes.B.kill()])
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #then(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(async () => {
      await work()
      for (const listener of [...this.#listeners]) listener()
    })
    // A failure must not fail the next call.
    this.#work = done.catch(() => {})
    return done
  }
}
