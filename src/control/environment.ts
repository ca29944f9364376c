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

/** One DOM event and what it means to us; `undefined`: nothing. */
type Meaning = readonly [type: string, meaning: (event: Event) => WorldSignal | undefined]

const ofWindow: readonly Meaning[] = [
  ['online', () => 'online'],
  ['offline', () => 'offline'],
  ['focus', () => 'visible'],
  ['pagehide', (event) => ((event as PageTransitionEvent).persisted ? 'stashed' : undefined)],
  ['pageshow', (event) => ((event as PageTransitionEvent).persisted ? 'restored' : undefined)],
]

const ofDocument: readonly Meaning[] = [
  ['visibilitychange', () => (document.visibilityState === 'hidden' ? 'hidden' : 'visible')],
  // Page Lifecycle, https://wicg.github.io/page-lifecycle/
  ['freeze', () => 'frozen'],
  ['resume', () => 'resumed'],
]

/** What a page or a worker tells by DOM events; elsewhere it is silent. */
export const pageEnvironment: Environment = {
  // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- Node has a navigator without onLine
  online: () => globalThis.navigator?.onLine !== false,
  subscribe(notify) {
    const stops: (() => void)[] = []
    const listen = (target: EventTarget | undefined, meanings: readonly Meaning[]): void => {
      if (typeof target?.addEventListener !== 'function') return
      for (const [type, meaning] of meanings) {
        const listener = (event: Event): void => {
          const signal = meaning(event)
          if (signal !== undefined) notify(signal)
        }
        target.addEventListener(type, listener)
        stops.push(() => target.removeEventListener(type, listener))
      }
    }
    listen(globalThis, ofWindow)
    listen(globalThis.document, ofDocument)
    // Opened in a background tab: no event will tell.
    if (globalThis.document?.visibilityState === 'hidden') notify('hidden')
    return () => stops.splice(0).forEach((stop) => stop())
  },
}
