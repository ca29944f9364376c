import type { WorldSignal } from '../../machines/connection.types.js'

/** What the connection is told of the world around it. Every signal is a hint: it leads to a probe or shortens a wait, never to a verdict. */
export interface Environment {
  /** Whether there is a network, as far as anyone knows. Asked at every dial. */
  online(): boolean
  /** Starts telling, at once if there is something to tell; the returned function stops it. Called when the connection opens, stopped when it has ended. */
  subscribe(notify: (signal: WorldSignal) => void): () => void
}

/** For runtimes that tell nothing, and for apps that want nothing told. */
export const silentEnvironment: Environment = { online: () => true, subscribe: () => () => {} }

const ofWindow = ['online', 'offline', 'focus', 'pagehide', 'pageshow']
/** The latter two: Page Lifecycle, https://wicg.github.io/page-lifecycle/ */
const ofDocument = ['visibilitychange', 'freeze', 'resume']

/** What the others mean to us is what their names say. */
const meanings: Readonly<Record<string, (event: Event) => WorldSignal | undefined>> = {
  focus: () => 'visible',
  freeze: () => 'frozen',
  resume: () => 'resumed',
  visibilitychange: () => (document.visibilityState === 'hidden' ? 'hidden' : 'visible'),
  pagehide: (event) => ((event as PageTransitionEvent).persisted ? 'stashed' : undefined),
  pageshow: (event) => ((event as PageTransitionEvent).persisted ? 'restored' : undefined),
}

/** What a page or a worker tells by DOM events; elsewhere it is silent. */
export const pageEnvironment: Environment = {
  // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- Node has a navigator without onLine
  online: () => globalThis.navigator?.onLine !== false,
  subscribe(notify) {
    const hear = (event: Event): void => {
      const { type } = event
      const signal = type in meanings ? meanings[type]!(event) : (type as WorldSignal)
      if (signal !== undefined) notify(signal)
    }
    const listen = (how: 'addEventListener' | 'removeEventListener'): void => {
      for (const type of ofWindow) globalThis[how]?.(type, hear)
      for (const type of ofDocument) globalThis.document?.[how]?.(type, hear)
    }
    listen('addEventListener')
    // Opened in a background tab: no event will tell.
    if (globalThis.document?.visibilityState === 'hidden') notify('hidden')
    return () => listen('removeEventListener')
  },
}
