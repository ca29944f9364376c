import { createFaultServer, type FaultServer } from '../../testing/index.js'
import type { LabFault } from './faults.js'

/** A server that fails as told: one thing at a time goes wrong with it. */
export class Breaker implements AsyncDisposable {
  readonly server: FaultServer
  readonly #listeners = new Set<() => void>()
  #fault: LabFault | undefined
  /** Strikes and cures, one after the other. */
  #work = Promise.resolve()
  #closed: Promise<void> | undefined

  static async start(): Promise<Breaker> {
    return new Breaker(await createFaultServer({ logFrames: false, logLimit: 1_000 }))
  }

  private constructor(server: FaultServer) {
    this.server = server
  }

  /** What is wrong at present, by our own doing. */
  get fault(): LabFault | undefined {
    return this.#fault
  }

  /** Calls back when something else is wrong than before, or nothing any more. */
  on(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Lets something go wrong, and nothing else: what was wrong before is healed first. */
  strike(fault: LabFault): Promise<void> {
    return this.#then(async () => {
      await this.#cure()
      await fault.apply(this.server)
      if (fault.lasts !== 'a moment') this.#set(fault)
    })
  }

  /** Back to normal. */
  heal(): Promise<void> {
    return this.#then(() => this.#cure())
  }

  /** The link that a fault has struck is gone; what that fault holds back would stay for ever. */
  linkLost(): void {
    if (this.#fault?.lasts === 'as long as the link') void this.heal()
  }

  /** Leaves nothing behind. May be called twice. */
  close(): Promise<void> {
    this.#closed ??= this.#work.then(() => this.server.close())
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #then(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(() => (this.#closed === undefined ? work() : undefined))
    // The next one is not to fail because this one did.
    this.#work = done.catch(() => {})
    return done
  }

  async #cure(): Promise<void> {
    const fault = this.#fault
    this.#set(undefined)
    await fault?.heal(this.server)
  }

  #set(fault: LabFault | undefined): void {
    if (fault === this.#fault) return
    this.#fault = fault
    for (const listener of [...this.#listeners]) listener()
  }
}
