import type { Link, LinkDirection, SwallowOptions, UpgradeChanges } from './acts.js'
import { messageFrame, type FrameKind } from './frames.js'
import { response, type HttpAnswer } from './http.js'
import type { Direction } from './lane.js'

/**
 * Something that goes wrong with a connection. The functions of this module make them; one of your own is an object
 * with one or both hooks, which act on the link.
 */
export interface Fault {
  /** What the log calls it. */
  readonly name: string
  /** The request is in, and nothing has been answered. Return `'answered'` to keep it from the endpoint. */
  readonly requested?: ((link: Link) => 'answered' | undefined | void) | undefined
  /** The 101 has been written to the client. */
  readonly upgraded?: ((link: Link) => void) | undefined
}

/** When a fault that needs an upgraded link strikes. */
export interface After {
  /** Milliseconds after the 101 was written. @default 0 */
  readonly after?: number | undefined
}

function onRequest(name: string, act: (link: Link) => void): Fault {
  return { name, requested: (link) => act(link) }
}

function instead(name: string, act: (link: Link) => void): Fault {
  const requested = (link: Link): 'answered' => {
    act(link)
    return 'answered'
  }
  return { name, requested }
}

function onceUpgraded(name: string, act: (link: Link) => void, { after = 0 }: After = {}): Fault {
  return { name, upgraded: (link) => link.after(after, () => act(link)) }
}

/**
 * The TCP connection is closed without a byte in answer.
 *
 * For a port that nobody listens on (ECONNREFUSED), use the server's `stopListening`.
 */
export function refuse(): Fault {
  return instead('refuse', (link) => link.cut())
}

/** The TCP connection is reset in answer to the request; with `after`, so many milliseconds later. */
export function reset({ after = 0 }: After = {}): Fault {
  return instead('reset', (link) => link.after(after, () => link.reset()))
}

/** The handshake is never answered, and the connection stays open. */
export function hang(): Fault {
  return instead('hang', () => {})
}

/** The handshake is answered a few bytes at a time: not idle, but as slow as you like. @default 1 byte per 100 ms */
export function drip({
  every = 100,
  bytes = 1,
}: { readonly every?: number | undefined; readonly bytes?: number | undefined } = {}): Fault {
  return onRequest('drip', (link) => link.drip(every, bytes))
}

/** The request is answered with this HTTP status, and the connection ends. */
export function http(status: number, answer?: HttpAnswer): Fault {
  return instead(`http ${status}`, (link) => link.respond(response(status, answer)))
}

/** The request is answered with these bytes, whatever they are, and the connection ends. */
export function answer(bytes: Uint8Array | string): Fault {
  return instead('answer', (link) => link.respond(Buffer.from(bytes as Uint8Array)))
}

/** The 101 is changed on its way: headers replaced, added or removed, bytes appended. */
export function changeUpgrade(changes: UpgradeChanges): Fault {
  return onRequest('change upgrade', (link) => link.changeUpgrade(changes))
}

/** The 101 carries a `Sec-WebSocket-Accept` that does not answer the client's key. */
export function badAccept(): Fault {
  const headers = { 'Sec-WebSocket-Accept': Buffer.from('not the right answer').toString('base64') }
  return { ...changeUpgrade({ headers }), name: 'bad accept' }
}

/** The first message is in the same packet as the 101, so that the client has both at once. */
export function firstFrameWithUpgrade(data: string | Uint8Array): Fault {
  return { ...changeUpgrade({ append: messageFrame(data) }), name: 'first frame with upgrade' }
}

/** Accepts, then closes with a closing handshake. A code or reason that the protocol forbids is sent all the same. */
export function acceptThenClose(code?: number, reason?: string, when?: After): Fault {
  return onceUpgraded(`accept, then close ${code ?? 1000}`, (link) => link.close(code, reason), when)
}

/**
 * Accepts, then resets the TCP connection.
 *
 * A Node client to whom the 101 and the reset come at once takes the reset for an end; `after` keeps them apart.
 */
export function acceptThenReset(when?: After): Fault {
  return onceUpgraded('accept, then reset', (link) => link.reset(), when)
}

/** Accepts, then ends the TCP connection without a closing handshake, as when the server's process is killed. */
export function kill(when?: After): Fault {
  return onceUpgraded('kill', (link) => link.cut(), when)
}

/** Accepts, then passes nothing any more: the half-open link. See `Acts.swallow`. */
export function swallow(direction: LinkDirection = 'both', { after, ...options }: SwallowOptions & After = {}): Fault {
  return onceUpgraded(
    `swallow ${direction}`,
    (link) => link.swallow(direction, options),
    after === undefined ? {} : { after },
  )
}

/** Everything arrives so many milliseconds later, the handshake included. */
export function delay(ms: number | (() => number), direction?: LinkDirection): Fault {
  return onRequest('delay', (link) => link.delay(ms, direction))
}

/** At most so many bytes per second pass, the handshake included. */
export function throttle(bytesPerSecond: number, direction?: LinkDirection): Fault {
  return onRequest('throttle', (link) => link.throttle(bytesPerSecond, direction))
}

/** Frames of these kinds are left out. */
export function drop(direction: Direction, ...kinds: FrameKind[]): Fault {
  return onRequest(`drop ${kinds.join(', ')} ${direction}`, (link) => link.drop(direction, ...kinds))
}

/** The closing handshake is never answered. */
export function ignoreClose(): Fault {
  return { ...drop('in', 'close'), name: 'ignore close' }
}

/** Pings are never answered, though everything else works. */
export function noPong(): Fault {
  return { ...drop('out', 'pong'), name: 'no pong' }
}

/** Accepts, then sends these bytes, whatever they are. See `illegalFrames`. */
export function sendRaw(bytes: Uint8Array, when?: After): Fault {
  return onceUpgraded('send raw', (link) => link.sendRaw(bytes), when)
}
