import { vi } from 'vitest'

/** The storage of one tab. */
export class FakeStorage {
  readonly entries = new Map<string, string>()
  /** Called before each write. */
  onWrite: (key: string, value: string) => void = () => {}

  getItem(key: string): string | null {
    return this.entries.get(key) ?? null
  }

  setItem(key: string, value: string): void {
    this.onWrite(key, value)
    this.entries.set(key, value)
  }

  removeItem(key: string): void {
    this.entries.delete(key)
  }

  /** As for a duplicated tab. */
  copy(): FakeStorage {
    const other = new FakeStorage()
    for (const [key, value] of this.entries) other.entries.set(key, value)
    return other
  }
}

interface Request {
  readonly name: string
  grant(): void
}

/** The Web Locks of an origin. */
export class FakeLocks {
  readonly held = new Set<string>()
  #waiting: Request[] = []

  request(name: string, { signal }: { signal: AbortSignal }, callback: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const request: Request = {
        name,
        grant: () => {
          this.held.add(name)
          void callback().then(() => {
            this.release(name)
            resolve()
          })
        },
      }
      signal.addEventListener('abort', () => {
        if (!this.#waiting.includes(request)) return
        this.#waiting = this.#waiting.filter((each) => each !== request)
        reject(new DOMException('aborted', 'AbortError'))
      })
      if (this.held.has(name)) this.#waiting.push(request)
      else request.grant()
    })
  }

  /** Also as when a document is gone. */
  release(name: string): void {
    this.held.delete(name)
    const next = this.#waiting.find((each) => each.name === name)
    if (next === undefined) return
    this.#waiting = this.#waiting.filter((each) => each !== next)
    next.grant()
  }
}

/** Gives the runtime Web Locks and the events of a page. */
export function stubPage(locks?: object) {
  const page = new EventTarget()
  vi.stubGlobal('navigator', locks === undefined ? {} : { locks })
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
  return {
    hide: () => page.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true })),
  }
}
