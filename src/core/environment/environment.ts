import type { EnvironmentSignal } from '../../../machines/connection.types.js'

/** What the connection is told of the world around it. Every signal is a hint: it leads to a probe or shortens a wait, never to a verdict. */
export interface Environment {
  /** Whether there is a network, as far as anyone knows. Asked at every dial. */
  online(): boolean
  /** Starts telling, at once if there is something to tell; the returned function stops it. Called when the connection opens, stopped when it has ended. */
  subscribe(notify: (signal: EnvironmentSignal) => void): () => void
}

/** For runtimes that tell nothing, and for apps that want nothing told. */
export const silentEnvironment: Environment = { online: () => true, subscribe: () => () => {} }

type Target = 'window' | 'document'

/** The events of a page that lead to a signal. `freeze` and `resume`: Page Lifecycle, https://wicg.github.io/page-lifecycle/ */
const events: readonly (readonly [target: Target, type: string, capture: boolean])[] = [
  ['window', 'online', false],
  ['window', 'offline', false],
  // Captured, this would be the focus of every element.
  ['window', 'focus', false],
  // Captured, to run before the listeners of the app: what these send when the page is back is for a new socket.
  ['window', 'pagehide', true],
  ['window', 'pageshow', true],
  ['document', 'visibilitychange', true],
  ['document', 'freeze', true],
  ['document', 'resume', true],
]

/** Signals of events that have another name. */
const meanings: Readonly<Record<string, () => EnvironmentSignal>> = {
  focus: () => 'visible',
  freeze: () => 'freeze',
  resume: () => 'resume',
  visibilitychange: () => (document.visibilityState === 'hidden' ? 'hidden' : 'visible'),
}

/** Signals from the DOM events of a page or a worker. Silent in other runtimes. */
export const pageEnvironment: Environment = {
  // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- Node has a navigator without onLine
  online: () => globalThis.navigator?.onLine !== false,
  subscribe(notify) {
    const { document } = globalThis
    /** From `pagehide` to `pageshow` of a page that goes into the back/forward cache. */
    let cached = false
    let told = false
    const stash = (): void => {
      if (!told) notify('bfcached')
      told = true
    }
    const hear = (event: Event): void => {
      const { type } = event
      if (type === 'pagehide') {
        // Too early for `bfcached`, which drops the socket: what the app sends in its own listeners for `pagehide`,
        // `visibilitychange` and `freeze` must leave.
        cached = (event as PageTransitionEvent).persisted
        told = false
      } else if (type === 'pageshow') {
        if (!(event as PageTransitionEvent).persisted) return
        stash()
        cached = false
        notify('restored')
      } else {
        // The last event of a page in Chromium, which would keep the socket open, unread, for as long as the page is cached.
        // A listener added while the event is captured runs last.
        if (type === 'freeze' && cached) document.addEventListener('freeze', stash, { once: true })
        const signal = meanings[type]?.() ?? (type as EnvironmentSignal)
        // WebKit has no `freeze`. It closes the sockets of a page that it caches, and says so when the page is back.
        if (cached && (signal === 'visible' || signal === 'resume')) stash()
        notify(signal)
      }
    }
    const listen = (how: 'addEventListener' | 'removeEventListener'): void => {
      for (const [target, type, capture] of events) {
        const from: Partial<EventTarget> | undefined = target === 'window' ? globalThis : document
        from?.[how]?.(type, hear, capture)
      }
    }
    listen('addEventListener')
    // Opened in a background tab: no event will tell.
    if (document?.visibilityState === 'hidden') notify('hidden')
    return () => listen('removeEventListener')
  },
}
