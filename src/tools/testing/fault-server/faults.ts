import type { Link, LinkDirection, SwallowOptions, UpgradeChanges } from './acts.js'
import { messageFrame, type FrameKind } from './frames.js'
import { response, type HttpAnswer } from './http.js'
import type { Direction } from './lane.js'

/** A fault of one connection. The functions of `faults` create them; your own is an object with one or both hooks. */
export interface Fault {
  /** Its name in the log. */
  readonly name: string
  /** Called when the request has arrived, before it is answered. Return `'answered'` to keep it from the endpoint. */
  readonly requested?: ((link: Link) => 'answered' | undefined | void) | undefined
  /** Called when the 101 response was written to the client. */
  readonly upgraded?: ((link: Link) => void) | undefined
}

/** When to apply a fault to an upgraded link. */
export interface After {
  /** Milliseconds after the 101 response was written. @default 0 */
  readonly after?: number | undefined
}

function onRequest(name: string, act: (link: Link) => void): Fault {
  return { name, requested: (link) => act(link) }
}

function onRequestInstead(name: string, act: (link: Link) => void): Fault {
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
 * Closes the TCP connection without a response.
 *
 * To refuse the TCP connection itself (ECONNREFUSED), use the server's `stopListening`.
 */
export function refuse(): Fault {
  return onRequestInstead('refuse', (link) => link.cut())
}

/** Resets the TCP connection when the request arrives, or `after` milliseconds later. */
export function reset({ after = 0 }: After = {}): Fault {
  return onRequestInstead('reset', (link) => link.after(after, () => link.reset()))
}

/** Never answers the handshake, and keeps the connection open. */
export function hang(): Fault {
  return onRequestInstead('hang', () => {})
}

/** Sends the handshake response a few bytes at a time. @default 1 byte per 100 ms */
export function drip({
  every = 100,
  bytes = 1,
}: { readonly every?: number | undefined; readonly bytes?: number | undefined } = {}): Fault {
  return onRequest('drip', (link) => link.drip(every, bytes))
}

/** Answers the request with this HTTP status and ends the connection. */
export function http(status: number, answer?: HttpAnswer): Fault {
  return onRequestInstead(`http ${status}`, (link) => link.respond(response(status, answer)))
}

/** Answers the request with these bytes and ends the connection. */
export function answer(bytes: Uint8Array | string): Fault {
  return onRequestInstead('answer', (link) => link.respond(Buffer.from(bytes as Uint8Array)))
}

/** Changes the 101 response: replaces, adds or removes headers, or appends bytes. */
export function changeUpgrade(changes: UpgradeChanges): Fault {
  return onRequest('change upgrade', (link) => link.changeUpgrade(changes))
}

/** Sends a 101 response with a wrong `Sec-WebSocket-Accept` (RFC 6455 §4.1). */
export function badAccept(): Fault {
  const headers = { 'Sec-WebSocket-Accept': Buffer.from('not the right answer').toString('base64') }
  return { ...changeUpgrade({ headers }), name: 'bad accept' }
}

/** Sends the first message in the same packet as the 101 response. */
export function firstFrameWithUpgrade(data: string | Uint8Array): Fault {
  return { ...changeUpgrade({ append: messageFrame(data) }), name: 'first frame with upgrade' }
}

/** Accepts, then closes with a closing handshake. Also sends codes and reasons that RFC 6455 §7.4 forbids. */
export function acceptThenClose(code?: number, reason?: string, when?: After): Fault {
  return onceUpgraded(`accept, then close ${code ?? 1000}`, (link) => link.close(code, reason), when)
}

/**
 * Accepts, then resets the TCP connection.
 *
 * A Node client that receives the 101 response and the reset together sees a normal end; separate them with `after`.
 */
export function acceptThenReset(when?: After): Fault {
  return onceUpgraded('accept, then reset', (link) => link.reset(), when)
}

/** Accepts, then ends the TCP connection without a closing handshake, like a killed process. */
export function kill(when?: After): Fault {
  return onceUpgraded('kill', (link) => link.cut(), when)
}

/** Accepts, then stops all traffic: a half-open link. See `Acts.swallow`. */
export function swallow(direction: LinkDirection = 'both', { after, ...options }: SwallowOptions & After = {}): Fault {
  return onceUpgraded(
    `swallow ${direction}`,
    (link) => link.swallow(direction, options),
    after === undefined ? {} : { after },
  )
}

/** Delays everything by `ms` milliseconds, including the handshake. */
export function delay(ms: number | (() => number), direction?: LinkDirection): Fault {
  return onRequest('delay', (link) => link.delay(ms, direction))
}

/** Limits the rate in bytes per second, including the handshake. */
export function throttle(bytesPerSecond: number, direction?: LinkDirection): Fault {
  return onRequest('throttle', (link) => link.throttle(bytesPerSecond, direction))
}

/** Drops frames of these kinds. */
export function drop(direction: Direction, ...kinds: FrameKind[]): Fault {
  return onRequest(`drop ${kinds.join(', ')} ${direction}`, (link) => link.drop(direction, ...kinds))
}

/** Never replies to a close frame. */
export function ignoreClose(): Fault {
  return { ...drop('in', 'close'), name: 'ignore close' }
}

/** Never answers pings; everything else works. */
export function noPong(): Fault {
  return { ...drop('out', 'pong'), name: 'no pong' }
}

/** Accepts, then sends these raw bytes. See `illegalFrames`. */
export function sendRaw(bytes: Uint8Array, when?: After): Fault {
  return onceUpgraded('send raw', (link) => link.sendRaw(bytes), when)
}
