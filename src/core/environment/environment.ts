import type { EnvironmentSignal } from '../../../machines/connection.types.js'

/**
 * Reports changes of network and page. Each signal is only a hint: it triggers a probe or changes a wait, and never ends a link by
 * itself, except `bfcached`.
 */
export interface Environment {
  /** Whether there may be a network. Called at each attempt. */
  online(): boolean
  /**
   * Starts calling `notify`, immediately if a signal is due, and returns a function that stops it. Called when the connection opens; stopped
   * when it ends.
   */
  subscribe(notify: (signal: EnvironmentSignal) => void): () => void
}

/** An environment without signals, for runtimes that have none or to disable them. */
export const silentEnvironment: Environment = { online: () => true, subscribe: () => () => {} }

type Target = 'window' | 'document'

/** The page's events that cause signals. `freeze` and `resume`: Page Lifecycle, https://wicg.github.io/page-lifecycle/ */
const events: readonly (readonly [target: Target, type: string, capture: boolean])[] = [
  ['window', 'online', false],
  ['window', 'offline', false],
  // Captured, it would also fire for the focus of each element.
  ['window', 'focus', false],
  // Captured, to run before the app's listeners: what they send after a restore belongs to a new socket.
  ['window', 'pagehide', true],
  ['window', 'pageshow', true],
  ['document', 'visibilitychange', true],
  ['document', 'freeze', true],
  ['document', 'resume', true],
]

/** The signals of events with other names. */
const meanings: Readonly<Record<string, () => EnvironmentSignal>> = {
  focus: () => 'visible',
  freeze: () => 'freeze',
  resume: () => 'resume',
  visibilitychange: () => (document.visibilityState === 'hidden' ? 'hidden' : 'visible'),
}

/** The default environment: signals from the DOM events of a page or worker. Silent in other runtimes. */
export const pageEnvironment: Environment = {
  // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- Node has a navigator without onLine
  online: () => globalThis.navigator?.onLine !== false,
  subscribe(notify) {
    const { document } = globalThis
    /** From `pagehide` to `pageshow` of a page that goes into the back/forward cache. */
    let cached = false
    let notified = false
    const notifyCached = (): void => {
      if (!notified) notify('bfcached')
      notified = true
    }
    const handle = (event: Event): void => {
      const { type } = event
      if (type === 'pagehide') {
        // Too early for `bfcached`, which drops the socket: messages that the app sends in its listeners for `pagehide`,
        // `visibilitychange` and `freeze` must still be sent.
        cached = (event as PageTransitionEvent).persisted
        notified = false
      } else if (type === 'pageshow') {
        if (!(event as PageTransitionEvent).persisted) return
        notifyCached()
        cached = false
        notify('restored')
      } else {
        // A page's last event in Chromium, which would keep the unread socket open while the page is cached. A listener added
        // during the capture phase runs last.
        if (type === 'freeze' && cached) document.addEventListener('freeze', notifyCached, { once: true })
        const signal = meanings[type]?.() ?? (type as EnvironmentSignal)
        // WebKit has no `freeze`. It closes the sockets of a cached page and reports that once the page is restored.
        if (cached && (signal === 'visible' || signal === 'resume')) notifyCached()
        notify(signal)
      }
    }
    const listen = (how: 'addEventListener' | 'removeEventListener'): void => {
      for (const [target, type, capture] of events) {
        const from: Partial<EventTarget> | undefined = target === 'window' ? globalThis : document
        from?.[how]?.(type, handle, capture)
      }
    }
    listen('addEventListener')
    // Opened in a background tab, for which no event fires.
    if (document?.visibilityState === 'hidden') notify('hidden')
    return () => listen('removeEventListener')
  },
}
