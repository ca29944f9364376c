import type { StoreEvents } from './store.js'

/** Both sides of handovers between nodes that only exchange messages, which may be lost. */
export class Handovers {
  /** Those that wait here, by owner and session. */
  readonly #waiting = new Map<string, Set<() => void>>()
  /** Requests to this node that were reported and not answered. They are repeated until they are answered. */
  readonly #asked = new Set<string>()
  #isOpen = true

  /** Asks every so many milliseconds, until `ask` returns a result, `released` is called, or the time is over. */
  async wait(
    request: { readonly id: string; readonly owner: string; readonly timeout: number; readonly every: number },
    ask: () => Promise<'released' | 'dead' | undefined>,
  ): Promise<'released' | 'dead' | 'timeout'> {
    const { id, owner, timeout, every } = request
    const until = performance.now() + timeout
    const wait = { isReleased: false, wake() {} }
    const released = (): void => {
      wait.isReleased = this.#isOpen
      wait.wake()
    }
    const name = `${owner} ${id}`
    const waits = this.#waiting.get(name) ?? new Set()
    this.#waiting.set(name, waits.add(released))
    try {
      while (this.#isOpen) {
        const result = await ask()
        if (wait.isReleased) return 'released'
        if (result !== undefined) return result
        const left = until - performance.now()
        if (left <= 0 || !this.#isOpen) return 'timeout'
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.min(left, every))
          wait.wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
        if (wait.isReleased) return 'released'
      }
      return 'timeout'
    } finally {
      waits.delete(released)
      if (waits.size === 0) this.#waiting.delete(name)
    }
  }

  /** The owner has let go. */
  released(id: string, owner: string): void {
    for (const released of this.#waiting.get(`${owner} ${id}`) ?? []) released()
  }

  /** Whether a request to this node is the first one, rather than a repetition. */
  isNew(id: string, owner: string, to: string): boolean {
    const request = `${to} ${owner} ${id}`
    if (this.#asked.has(request)) return false
    this.#asked.add(request)
    return true
  }

  /** This node has let go. */
  answered(id: string, owner: string, to: string): void {
    this.#asked.delete(`${to} ${owner} ${id}`)
  }

  /**
   * A message to this node. `A`: another node has appended to a session. `E`: it has ended one. `M`: it asks this one to let go. `R`: it has
   * let go. A session comes last, because it may have spaces.
   */
  receive(text: string, events: StoreEvents): void {
    if (!this.#isOpen) return
    const words = text.slice(1).split(' ')
    const rest = (count: number): string => words.slice(count).join(' ')
    if (text.startsWith('A')) events.appended(rest(0))
    else if (text.startsWith('E')) events.ended(rest(1), words[0] as Parameters<StoreEvents['ended']>[1])
    else if (text.startsWith('R')) this.released(rest(1), words[0]!)
    else if (text.startsWith('M')) {
      const [gen = '', to = '', owner = ''] = words
      const id = rest(3)
      if (this.isNew(id, owner, to)) events.letGo({ id, gen: Number(gen), owner, to })
    }
  }

  /** Ends what waits. */
  close(): void {
    this.#isOpen = false
    for (const waits of this.#waiting.values()) for (const released of waits) released()
  }
}
