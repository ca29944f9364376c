import { ignore } from '../core/guards.js'
import type { Core } from '../core/core.js'

/** How long a reloaded page waits for the lock: the old document may release it late. Milliseconds. */
const patience = 1_000

/** A Web Lock by the id of a session, so that two tabs never have the same one. */
export class SessionLock {
  readonly #leaving: () => void
  #id: string | undefined
  #claim: Promise<boolean> | undefined
  #release: () => void = ignore

  /** `leaving` is called when the page is left. */
  constructor(leaving: () => void) {
    this.#leaving = leaving
  }

  /** Resolves with whether this page has the session now. Always true without Web Locks. */
  claim(id: string, core: Core): Promise<boolean> {
    if (this.#id === id && this.#claim !== undefined) return this.#claim
    this.release()
    this.#id = id
    globalThis.addEventListener?.('pagehide', this.#hide)
    return (this.#claim = this.#request(id, core))
  }

  /** A browser may drop a cached page that holds a lock. The next link of a restored page claims it again. */
  readonly #hide = (): void => {
    this.#leaving()
    this.release()
  }

  release(): void {
    globalThis.removeEventListener?.('pagehide', this.#hide)
    this.#id = this.#claim = undefined
    this.#release()
    this.#release = ignore
  }

  async #request(id: string, core: Core): Promise<boolean> {
    // oxlint-disable-next-line typescript/no-unnecessary-condition -- missing in older runtimes and insecure contexts
    const locks = globalThis.navigator?.locks as LockManager | undefined
    if (locks === undefined) return true
    const { timers } = core
    const abort = new AbortController()
    const timer = timers.setTimeout(() => abort.abort(), patience)
    try {
      return await new Promise<boolean>((resolve, reject) => {
        const hold = (): Promise<void> => {
          resolve(true)
          // Released while the request was pending.
          if (this.#id !== id) return Promise.resolve()
          return new Promise((release) => (this.#release = release))
        }
        locks.request(`statewire.session.${id}`, { signal: abort.signal }, hold).catch(reject)
      })
    } catch {
      // A context that forbids locks works like one without them.
      const hasIt = !abort.signal.aborted
      if (!hasIt && this.#id === id) this.release()
      return hasIt
    } finally {
      timers.clearTimeout(timer)
    }
  }
}
