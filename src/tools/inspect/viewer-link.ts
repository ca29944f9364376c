import { makeError } from '../../core/errors.js'
import type { InspectionMessage } from './messages.js'
import type { Observable, ObserveOptions } from './observe.js'
import { ObservedConnections } from './observed-connections.js'
import { goodbye, hello, knock, wordOf } from './foreign.js'

/** The part of the viewer's window that is used. */
export interface ViewerWindow {
  readonly closed: boolean
  postMessage(message: unknown, targetOrigin: string): void
}

/** The part of an `<iframe>` that is used. */
export interface ViewerFrame {
  readonly contentWindow: ViewerWindow | null
}

/** The part of this page's window that is used. */
export interface OwnWindow {
  readonly origin: string
  addEventListener(type: 'message', listener: (event: MessageFromViewer) => void): void
  removeEventListener(type: 'message', listener: (event: MessageFromViewer) => void): void
}

/** The part of a `message` event that is used. */
export interface MessageFromViewer {
  readonly data: unknown
  readonly origin: string
  readonly source: unknown
}

/** Options of `linkViewer`. */
export interface ViewerOptions {
  /**
   * The viewer's origin; messages from other origins are ignored. Use `'null'` for a viewer from `file:` or in a
   * sandbox. Then messages are posted to the window whatever page it shows.
   * @default the page's own origin
   */
  origin?: string | undefined
  /** The window of this page. @default globalThis */
  window?: OwnWindow | undefined
}

/** A link to a viewer, created by `linkViewer`. */
export interface ViewerLink {
  /** Whether a viewer is connected. */
  readonly watched: boolean
  /**
   * Shows a connection while a viewer is connected. Returns a function that stops it.
   *
   * @throws ConnectionError `ERR_OPTION` for an invalid `every`.
   */
  show(connection: Observable, options?: ObserveOptions): () => void
  /** Stops showing all connections, and ends the link. */
  close(): void
}

/**
 * Shows connections in a viewer that this page has opened, in an `<iframe>` or a window.
 *
 * Connections are observed only from the viewer's hello until it is closed or left.
 *
 * @throws ConnectionError `ERR_OPTION` for the origin `'*'`.
 */
export function linkViewer(viewer: ViewerFrame | ViewerWindow, options: ViewerOptions = {}): ViewerLink {
  const own: OwnWindow = options.window ?? globalThis
  const origin = options.origin ?? own.origin
  if (origin === '*') {
    throw makeError('ERR_OPTION', 'any-origin', ['origin', "'*'"])
  }
  const targetOrigin = origin === 'null' ? '*' : origin
  const viewerWindow = (): ViewerWindow | null =>
    // Checked this way round because a cross-origin window allows access to few properties.
    'postMessage' in viewer ? viewer : viewer.contentWindow
  const connections = new ObservedConnections((message: InspectionMessage): void => {
    const there = viewerWindow()
    if (there === null || there.closed) connections.end()
    else there.postMessage(message, targetOrigin)
  })
  const onMessage = ({ data, source, origin: from }: MessageFromViewer): void => {
    if (from !== origin) return
    const word = wordOf(data)
    const isViewer = source !== null && source === viewerWindow()
    // A viewer that was closed may have no window.
    if (word === goodbye && (source === null || isViewer)) connections.end()
    // Sent again after a reload, when the viewer needs the current state.
    if (word === hello && isViewer) connections.begin()
  }
  own.addEventListener('message', onMessage)
  viewerWindow()?.postMessage({ type: knock }, targetOrigin)

  return {
    get watched() {
      return connections.watched
    },
    show: (connection, observeOptions) => connections.show(connection, observeOptions),
    close() {
      own.removeEventListener('message', onMessage)
      connections.clear()
    },
  }
}
