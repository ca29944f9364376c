import { ConnectionError, systemClock } from '../index.js'
import { about, type InspectionMessage } from './messages.js'
import { checkPace, observe, type Observable, type ObserveOptions } from './observe.js'

/** What the viewer posts to whoever opened it: it listens. The same word as Stately's. */
const hello = '@statelyai.connected'
/** And when it is left or closed. */
const goodbye = '@statewire.left'
/** Asks a viewer that was there first to say hello again. */
const knock = '@statewire.knock'

/** As much of the viewer's window as is used. */
export interface ViewerWindow {
  readonly closed: boolean
  postMessage(message: unknown, targetOrigin: string): void
}

/** As much of an `<iframe>` as is used. */
export interface ViewerFrame {
  readonly contentWindow: ViewerWindow | null
}

/** As much of our own window as is used. */
export interface OwnWindow {
  readonly origin: string
  addEventListener(type: 'message', listener: (event: MessageFromViewer) => void): void
  removeEventListener(type: 'message', listener: (event: MessageFromViewer) => void): void
}

export interface MessageFromViewer {
  readonly data: unknown
  readonly origin: string
  readonly source: unknown
}

export interface ViewerOptions {
  /**
   * The viewer's origin: a hello from any other is not heard. `'null'` for a viewer from `file:` or in a sandbox; there the messages are
   * posted to the window, whatever it holds.
   * @default the page's own
   */
  origin?: string
  /** The page that is spoken for. @default globalThis */
  window?: OwnWindow
}

export interface ViewerLink {
  /** The viewer looks: it has said hello, and has not left. */
  readonly watched: boolean
  /** Shows a connection for as long as the viewer looks; until the returned function is called. */
  show(connection: Observable, options?: ObserveOptions): () => void
  /** Shows nothing any more. */
  close(): void
}

interface Shown {
  readonly connection: Observable
  readonly options: ObserveOptions
  /** The connection, once it was observed. */
  id: string
  off: (() => void) | undefined
}

/**
 * Shows connections in a viewer that this page has opened: in an `<iframe>` or in a window.
 *
 * Nothing is attached to a connection before the viewer says hello, and nothing stays when it has left.
 */
export function linkViewer(viewer: ViewerFrame | ViewerWindow, options: ViewerOptions = {}): ViewerLink {
  const own: OwnWindow = options.window ?? globalThis
  const origin = options.origin ?? own.origin
  if (origin === '*') {
    throw new ConnectionError('ERR_OPTION', "origin ('*') must be one origin: whoever is there would be told")
  }
  const targetOrigin = origin === 'null' ? '*' : origin
  const all = new Set<Shown>()
  let watched = false

  const viewerWindow = (): ViewerWindow | null =>
    // This way round: of a window of another origin one may not ask for more.
    'postMessage' in viewer ? viewer : viewer.contentWindow
  const post = (message: InspectionMessage): void => {
    const there = viewerWindow()
    if (there === null || there.closed) leave()
    else there.postMessage(message, targetOrigin)
  }
  const attach = (shown: Shown): void => {
    const off = observe(
      shown.connection,
      (message) => {
        shown.id = message.rootId
        post(message)
      },
      shown.options,
    )
    // It may have left while it was told.
    if (watched) shown.off = off
    else off()
  }
  const detach = (shown: Shown): void => {
    shown.off?.()
    shown.off = undefined
  }
  const leave = (): void => {
    watched = false
    all.forEach(detach)
  }
  const hear = ({ data, source, origin: from }: MessageFromViewer): void => {
    if (source === null || source !== viewerWindow() || from !== origin) return
    const type = typeof data === 'object' && data !== null ? (data as { type?: unknown }).type : undefined
    if (type === goodbye) leave()
    if (type !== hello) return
    // Said again, by a page that was loaded again: it has forgotten all.
    leave()
    watched = true
    for (const shown of [...all]) if (watched) attach(shown)
  }
  own.addEventListener('message', hear)
  viewerWindow()?.postMessage({ type: knock }, targetOrigin)

  return {
    get watched() {
      return watched
    },
    show(connection, observeOptions = {}) {
      checkPace(observeOptions.every)
      const shown: Shown = { connection, options: observeOptions, id: '', off: undefined }
      all.add(shown)
      if (watched) attach(shown)
      return () => {
        if (!all.delete(shown) || shown.off === undefined) return
        const { clock = systemClock } = observeOptions
        detach(shown)
        post({ type: '@statewire.gone', ...about(shown.id, shown.id, clock.wall()) })
      }
    },
    close() {
      own.removeEventListener('message', hear)
      leave()
      all.clear()
    },
  }
}
