import { makeError } from '../../core/errors.js'
import type { InspectionMessage } from './messages.js'
import type { Observable, ObserveOptions } from './observe.js'
import { Showing } from './observed-connections.js'
import { goodbye, hello, knock, wordOf } from './words.js'

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
  origin?: string | undefined
  /** The page that is spoken for. @default globalThis */
  window?: OwnWindow | undefined
}

export interface ViewerLink {
  /** The viewer looks: it has said hello, and has not left. */
  readonly watched: boolean
  /** Shows a connection for as long as the viewer looks; until the returned function is called. */
  show(connection: Observable, options?: ObserveOptions): () => void
  /** Shows nothing any more. */
  close(): void
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
    throw makeError('ERR_OPTION', 'any-origin', ['origin', "'*'"])
  }
  const targetOrigin = origin === 'null' ? '*' : origin
  const viewerWindow = (): ViewerWindow | null =>
    // This way round: of a window of another origin one may not ask for more.
    'postMessage' in viewer ? viewer : viewer.contentWindow
  const showing = new Showing((message: InspectionMessage): void => {
    const there = viewerWindow()
    if (there === null || there.closed) showing.end()
    else there.postMessage(message, targetOrigin)
  })
  const hear = ({ data, source, origin: from }: MessageFromViewer): void => {
    if (from !== origin) return
    const word = wordOf(data)
    const isViewer = source !== null && source === viewerWindow()
    // One who has left may have no window any more.
    if (word === goodbye && (source === null || isViewer)) showing.end()
    // Said again, by a page that was loaded again: it has forgotten all.
    if (word === hello && isViewer) showing.begin()
  }
  own.addEventListener('message', hear)
  viewerWindow()?.postMessage({ type: knock }, targetOrigin)

  return {
    get watched() {
      return showing.watched
    },
    show: (connection, observeOptions) => showing.show(connection, observeOptions),
    close() {
      own.removeEventListener('message', hear)
      showing.clear()
    },
  }
}
