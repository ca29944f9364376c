import { createFaultServer, type FaultServer } from '../../testing/index.js'
import type { LabFault } from './faults.js'

/** A server you can break on command, and links to others that break with it. At most one fault is active at a time. */
export class FaultyServer implements AsyncDisposable {
  readonly server: FaultServer
  /** Each forwards to one of the others. */
  readonly fronts: readonly FaultServer[]
  readonly #listeners = new Set<() => void>()
  #fault: LabFault | undefined
  /** Injecting and healing run one after the other. */
  #work = Promise.resolve()
  #closed: Promise<void> | undefined

  /** `upstreams`: the addresses of the others. */
  static async start(upstreams: readonly string[] = []): Promise<FaultyServer> {
    const [server, ...fronts] = await Promise.all(
      [undefined, ...upstreams].map((upstream) => createFaultServer({ upstream, logFrames: false, logLimit: 1_000 })),
    )
    return new FaultyServer(server!, fronts)
  }

  private constructor(server: FaultServer, fronts: readonly FaultServer[]) {
    this.server = server
    this.fronts = fronts
  }

  /** The active fault. */
  get fault(): LabFault | undefined {
    return this.#fault
  }

  /** Calls `listener` when the active fault changes. Returns an unsubscribe function. */
  on(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Heals the active fault, if any, then injects this one. Rejects if, for example, the port was taken meanwhile. */
  inject(fault: LabFault): Promise<void> {
    return this.#then(async () => {
      await this.#heal()
      await this.#each((server) => fault.apply(server))
      if (fault.lasts !== 'a moment') this.#set(fault)
    })
  }

  /** Clears the active fault. */
  heal(): Promise<void> {
    return this.#then(() => this.#heal())
  }

  /** Clears a fault that lasts only as long as the link. Call it when the link is lost. */
  linkLost(): void {
    if (this.#fault?.lasts === 'as long as the link') void this.heal()
  }

  /** Stops the server. May be called twice. */
  close(): Promise<void> {
    this.#closed ??= this.#work.then(() => this.#each((server) => server.close()))
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #then(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(() => (this.#closed === undefined ? work() : undefined))
    // A failure must not fail the next call.
    this.#work = done.catch(() => {})
    return done
  }

  async #heal(): Promise<void> {
    const fault = this.#fault
    this.#set(undefined)
    await this.#each((server) => fault?.heal(server))
  }

  async #each(work: (server: FaultServer) => void | Promise<void>): Promise<void> {
    await Promise.all([this.server, ...this.fronts].map(async (server) => work(server)))
  }

  #set(fault: LabFault | undefined): void {
    if (fault === this.#fault) return
    this.#fault = fault
    for (const listener of [...this.#listeners]) listener()
  }
}
