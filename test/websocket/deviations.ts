// Every sentence of the standard that somebody does not keep, by its title, and why. Each is asserted: a sentence that
// is kept after all fails the test as one that is broken unannounced.
import type { Deviations } from './standard.js'

/** What a page's own script can never do, and what the class says of itself beyond the standard. */
const inherent: Deviations = {
  'the class is called WebSocket': 'it is called ReconnectingWebSocket',
  'the prototype has the members of the standard and no others':
    'connection, retryCount, shouldReconnect, reconnect and drainQueuedMessages come on top, and the members of EventTarget are its own',
  'a function for a url is its text': 'it is a provider, asked for each attempt',
  'a third argument is ignored': 'it is the options, if it is an object, and they are checked',
  'an object that is not iterable is text, and seldom a token': 'a plain object is taken for options, as undici does',
  'an error event is a plain Event that says nothing': 'it says error and message',
}

/** What `queue: false` and `maxRetries: 0` switch off. */
const switchable: Deviations = {
  'send while CONNECTING throws InvalidStateError (11) and buffers nothing': 'it is queued (queue)',
  'what was lost stays CLOSED and says nothing more': 'it reconnects (maxRetries)',
  'send after a loss is discarded and counted': 'it is queued for the next link (queue), and there is one (maxRetries)',
}

/** What `with()` makes is the class itself, constructed otherwise. */
const bound: Deviations = {
  'constructor is writable, configurable and not enumerable': 'it is the class that with() was called on',
  'null is the subprotocol "null"': 'to those who are given a class, null is none',
}

/** EventTarget and the events of Node 20. */
const node: Deviations = {
  'listeners for capture are called first': 'Node has one list for both',
  'a listener is called on the socket, with the event, of which the socket is the current target':
    'Node clears currentTarget when the last listener, with once, is removed',
  'a listener may come back while its signal is being aborted':
    'Node removes it by a listener of abort, after those that were there before',
  'an object without handleEvent is a TypeError, reported at the event': 'Node ignores it',
}

/** undici 6, and what of it shows through whoever stands on it. */
const undiciWire: Deviations = {
  'what comes after the close frame of the server is no message': 'undici then waits for a close for ever',
  'text comes as it was sent, a byte order mark and astral characters included': 'undici loses the mark',
}

const noCloseEvent = 'undici has no close event for a handshake that failed'
const overwrites = 'undici registers a handler as a listener, anew at each assignment'
const bufferedNothing = 'undici counts nothing that it discards'

const undici: Deviations = {
  ...node,
  ...undiciWire,
  'url is converted before protocols, and both before either is judged': 'undici converts protocols first',
  'an object whose iterator is null is text': 'undici takes an object for options',
  'an object that is not iterable is text, and seldom a token': 'undici takes it for options',
  'a server that chooses none of the offered subprotocols is an error and a close (1006)': noCloseEvent,
  'an object that cannot be called is kept as an event handler': 'undici makes it null',
  'an event handler takes its turn among the listeners where it was first set': overwrites,
  'an object that cannot be called holds the place of an event handler': 'undici makes it null',
  'an event handler that a listener replaces is the one that runs': overwrites,
  'a function is called as event handler and as listener': overwrites,
  'an event handler that returns false cancels what can be cancelled': overwrites,
  'a subclass that overrides addEventListener hears nothing of event handlers': overwrites,
  'options that are no object say whether to capture': 'Node throws for them',
  'the events are trusted': 'undici dispatches them as any script does',
  'a message is a MessageEvent with data, origin and nothing else': 'undici 6 has a MessageEvent of its own',
  'a handshake that is refused is an error, then a close (1006), both while CLOSED, and no open': noCloseEvent,
  'where nobody listens there is an error, then a close (1006), and no open': noCloseEvent,
  'a wrong Sec-WebSocket-Accept is an error, then a close (1006)': noCloseEvent,
  'an error event is a plain Event that says nothing': 'undici has an ErrorEvent, with error and message',
  'text that is no UTF-8 is an error, then a close that is not clean, and no message': 'undici is OPEN at the error',
  'a frame of an unknown kind is an error, then a close that is not clean': 'undici is OPEN at the error',
  'binaryType ignores what it does not know': 'undici falls back to blob',
  'what binaryType is given becomes text': 'undici falls back to blob',
  'what was transferred away goes out as nothing': 'undici throws',
  'a view of what was transferred away goes out as nothing': 'undici throws',
  'bufferedAmount counts what was sent in this task, in bytes of UTF-8, and comes to 0':
    'undici throws for what was transferred away',
  'send after close() throws nothing, sends nothing, and bufferedAmount grows by bytes of UTF-8': bufferedNothing,
  'send while CLOSED throws nothing, and bufferedAmount grows by bytes of UTF-8 for ever': bufferedNothing,
  'send after a loss is discarded and counted': bufferedNothing,
  'close(undefined, reason) sends 1000': 'undici leaves out the reason',
  'a code that converts to another number throws InvalidAccessError': 'undici does not clamp',
  'a code that is a symbol or a bigint throws TypeError': 'undici takes a bigint',
  'close() while CONNECTING is CLOSING at once, then an error and a close (1006), never an open':
    'undici tells the error within close(), while CONNECTING, and no close',
  'close() in the midst of a handshake is an error, then a close (1006)': noCloseEvent,
  'close() within error and close does nothing': noCloseEvent,
}

/** What undici 7 (Node 24) adds. */
const undici7Wire: Deviations = {
  'a link that is reset is a close (1006), and no error: nobody failed it': 'undici 7 tells an error first',
}

const undici7: Deviations = {
  ...undici7Wire,
  'a view of shared memory throws TypeError': 'undici 7 sends it',
  'a buffer that can be resized throws TypeError, and so does a view of it': 'undici 7 sends it',
}

const wsWire: Deviations = {
  'bufferedAmount counts what was sent in this task, in bytes of UTF-8, and comes to 0':
    'ws has handed it to the kernel before send returns',
}

/** Chromium's, which the class in a page inherits: its URL. */
const page: Deviations = {
  'a host with a space or a lone percent sign throws SyntaxError': 'Chromium escapes them',
}

const chromium: Deviations = {
  ...page,
  'listeners for capture are called first': 'Chromium has one list for both where there is no tree',
  'an object without handleEvent is a TypeError, reported at the event': 'Chromium ignores it',
  'subprotocols that differ only in case throw SyntaxError': 'Chromium offers both',
  'shared memory itself is text': 'Chromium throws TypeError',
  'close(undefined, reason) sends 1000': 'Chromium takes the code for 0',
  'close(undefined, "") is close()': 'Chromium takes the code for 0',
  'a code half way is clamped to the even number above': 'Chromium cuts off the fraction',
  'a code that converts to another number throws InvalidAccessError': 'Chromium cuts off the fraction',
  'a reason of more than 123 bytes throws SyntaxError and leaves the socket as it was':
    'Chromium takes a code of undefined for 0',
}

export const deviations = {
  /** The class by itself, whatever it stands on. */
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
