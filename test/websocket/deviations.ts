// Deviations from the standard: the title of each fact that is not met, and the reason. Each is asserted: a listed fact
// that is met after all fails the test, just like an unlisted one that is not met.
import type { Deviations } from './standard.js'

/** What a script in a page cannot do, and where the class extends the standard. */
const inherent: Deviations = {
  'the class is called WebSocket': 'its name is ReconnectingWebSocket',
  'the prototype has exactly the members of the standard':
    'it adds connection, retryCount, shouldReconnect, reconnect and drainQueuedMessages, and has its own EventTarget members',
  'a function as url becomes its source text': 'it is a provider, called for each attempt',
  'a third argument is ignored': 'an object is taken as options and checked',
  'an object that is not iterable is converted to a string, rarely a token':
    'a plain object is taken as options, as in undici',
  'an error event is a plain Event without details': 'it has error and message',
}

/** What `queue: false` and `maxRetries: 0` switch off. */
const switchable: Deviations = {
  'send() while CONNECTING throws InvalidStateError (11) and buffers nothing': 'it is queued (queue)',
  'a lost socket stays CLOSED and fires no more events': 'it reconnects (maxRetries)',
  'send() after a loss discards and counts the message': 'it is queued (queue) for the next link (maxRetries)',
}

/** `with()` returns the same class with another constructor. */
const bound: Deviations = {
  'constructor is writable, configurable and not enumerable': 'it is the class that with() was called on',
  'null becomes the subprotocol "null"': 'clients that take a class pass null for none',
}

/** EventTarget and the events of Node 20. */
const node: Deviations = {
  'listeners with capture are called first': 'Node has one list for both',
  "a listener is called on the socket, which is the event's currentTarget":
    'Node clears currentTarget when the last listener, with once, is removed',
  'a listener can be added again while its signal is being aborted':
    'Node removes it in an abort listener, after earlier ones',
  'an object without handleEvent causes a reported TypeError at the event': 'Node ignores it',
}

/** undici 6, also as seen through classes built on it. */
const undiciWire: Deviations = {
  "data after the server's close frame is not delivered": 'undici then never fires close',
  'text arrives unchanged, including a byte order mark and astral characters': 'undici removes the mark',
}

const noCloseEvent = 'undici fires no close event for a failed handshake'
const overwrites = 'undici registers a handler as a new listener at each assignment'
const bufferedNothing = 'undici does not count discarded data'

const undici: Deviations = {
  ...node,
  ...undiciWire,
  'url is converted before protocols, and both before either is validated': 'undici converts protocols first',
  'an object whose iterator is null is converted to a string': 'undici takes an object as options',
  'an object that is not iterable is converted to a string, rarely a token': 'undici takes it as options',
  'a server that selects none of the offered subprotocols causes error and close (1006)': noCloseEvent,
  'an object that is not callable is retained as an event handler': 'undici sets it to null',
  'an event handler runs in the listener order of its first assignment': overwrites,
  "an object that is not callable reserves the event handler's place": 'undici sets it to null',
  'an event handler assigned by an earlier listener runs instead of the old one': overwrites,
  'a function that is both event handler and listener is called twice': overwrites,
  'an event handler that returns false cancels a cancelable event': overwrites,
  'setting an event handler does not call an overridden addEventListener': overwrites,
  'non-object options set capture': 'Node throws',
  'the events are trusted': 'undici dispatches them like a script',
  'a message is a MessageEvent with only data and origin set': 'undici 6 has a MessageEvent of its own',
  'a refused handshake fires error, then close (1006), both while CLOSED, and no open': noCloseEvent,
  'a refused connection fires error, then close (1006), and no open': noCloseEvent,
  'a wrong Sec-WebSocket-Accept fires error, then close (1006)': noCloseEvent,
  'an error event is a plain Event without details': 'undici has an ErrorEvent, with error and message',
  'invalid UTF-8 fires error, then an unclean close, and no message': 'undici is OPEN during the error event',
  'a frame with an unknown opcode fires error, then an unclean close': 'undici is OPEN during the error event',
  'binaryType ignores unknown values': 'undici falls back to blob',
  'binaryType converts its value to a string': 'undici falls back to blob',
  'a detached buffer is sent as an empty message': 'undici throws',
  'a view of a detached buffer is sent as an empty message': 'undici throws',
  'bufferedAmount counts the UTF-8 bytes sent in this task and returns to 0': 'undici throws for a detached buffer',
  'send() after close() does not throw or send, and bufferedAmount grows by the UTF-8 bytes': bufferedNothing,
  'send() while CLOSED does not throw, and bufferedAmount grows by the UTF-8 bytes for good': bufferedNothing,
  'send() after a loss discards and counts the message': bufferedNothing,
  'close(undefined, reason) sends 1000': 'undici omits the reason',
  'a code that converts to another number throws InvalidAccessError': 'undici does not clamp',
  'a code that is a symbol or a bigint throws TypeError': 'undici accepts a bigint',
  'close() while CONNECTING sets CLOSING at once, then fires error and close (1006), never open':
    'undici fires error within close(), while CONNECTING, and no close',
  'close() during the handshake fires error, then close (1006)': noCloseEvent,
  'close() in an error or close listener does nothing': noCloseEvent,
}

/** What undici 7 (Node 24) adds. */
const undici7Wire: Deviations = {
  'a reset link fires close (1006) without error, because the client did not fail it': 'undici 7 fires error first',
}

const undici7: Deviations = {
  ...undici7Wire,
  'a view of shared memory throws TypeError': 'undici 7 sends it',
  'a resizable buffer and a view of it throw TypeError': 'undici 7 sends it',
}

const wsWire: Deviations = {
  'bufferedAmount counts the UTF-8 bytes sent in this task and returns to 0':
    'ws writes it to the kernel before send() returns',
}

/** Chromium's URL parser, which the class uses in a page. */
const page: Deviations = {
  'a host with a space or a lone percent sign throws SyntaxError': 'Chromium escapes them',
}

const chromium: Deviations = {
  ...page,
  'listeners with capture are called first': 'Chromium has one list for both without a tree',
  'an object without handleEvent causes a reported TypeError at the event': 'Chromium ignores it',
  'subprotocols that differ only in case throw SyntaxError': 'Chromium offers both',
  'a SharedArrayBuffer is sent as text': 'Chromium throws TypeError',
  'close(undefined, reason) sends 1000': 'Chromium treats the code as 0',
  'close(undefined, "") equals close()': 'Chromium treats the code as 0',
  'a code halfway is rounded up to the even number': 'Chromium truncates',
  'a code that converts to another number throws InvalidAccessError': 'Chromium truncates',
  'a reason of more than 123 bytes throws SyntaxError and does not change the socket':
    'Chromium treats an undefined code as 0',
}

export const deviations = {
  /** The class itself, on any transport. */
  own: { ...inherent, ...switchable },
  undici,
  undici7,
  undici7Wire,
  chromium,
  inPage: { ...inherent, ...switchable, ...page },
  overUndici: { ...inherent, ...switchable, ...undiciWire },
  /** `with({ queue: false, maxRetries: 0 })` */
  switchedOff: { ...inherent, ...bound, ...undiciWire },
  overWs: { ...inherent, ...switchable, ...bound, ...wsWire },
} satisfies Record<string, Deviations>
