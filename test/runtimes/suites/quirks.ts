import { deviations } from '../../websocket/deviations.js'
import type { Deviations } from '../../websocket/standard.js'

/** An engine's differences that cannot be absorbed, by test title, with the reason. Each is asserted. */
export interface Quirks {
  /** Its sockets can be dropped immediately. */
  readonly terminates: boolean
  /** It can send a Blob. */
  readonly blobs: boolean
  /** It reports the server's 1012. */
  readonly hearsRestart: boolean
  /** It reports a refused upgrade only after the whole body has arrived. */
  readonly waitsForBody: boolean
  /**
   * It may process a frame that came with the 101 before it reports the open, and then never reports it: a race in the
   * engine.
   */
  readonly mayMissOpen: boolean
  /** How long an event may take. Milliseconds. */
  readonly patience: number
  readonly transport: Readonly<Record<string, string>>
  readonly dropIn: Deviations
}

const base: Quirks = {
  terminates: false,
  blobs: true,
  hearsRestart: true,
  waitsForBody: false,
  mayMissOpen: false,
  patience: 3_000,
  transport: {},
  dropIn: deviations.own,
}

// After failed handshakes browsers delay the next ones by some seconds (H10).
const page: Quirks = { ...base, patience: 12_000 }

const unchecked = 'its 101 is not checked'

const node22: Quirks = {
  ...base,
  terminates: true,
  transport: {
    'frames after the close frame are not delivered, even from the same packet':
      'undici waits for a close frame it has already received',
  },
  dropIn: deviations.overUndici,
}
const node24: Quirks = { ...node22, dropIn: { ...deviations.overUndici, ...deviations.undici7Wire } }

const bun: Quirks = {
  ...base,
  terminates: true,
  dropIn: {
    ...deviations.own,
    'bufferedAmount counts the UTF-8 bytes sent in this task and returns to 0':
      'Bun hands it to the kernel before send returns',
  },
}

const deno: Quirks = {
  ...base,
  transport: {
    "the server's 1014 and its reason are reported (C02)": '1014 counts as illegal',
    "a 101 that doesn't match the request never opens (/bad-accept, H07)": unchecked,
    "a 101 that doesn't match the request never opens (/wrong-protocol, H07)": unchecked,
  },
  dropIn: {
    ...deviations.own,
    'a server that selects none of the offered subprotocols causes error and close (1006)': unchecked,
    'a wrong Sec-WebSocket-Accept fires error, then close (1006)': unchecked,
    'a reset link fires close (1006) without error, because the client did not fail it':
      'Deno fires an error event first',
    'protocol and extensions are set from open on and remain after close': 'Deno does not compress',
    'bufferedAmount counts the UTF-8 bytes sent in this task and returns to 0': 'Deno counts only what it has queued',
  },
}

const noBlob = 'workerd cannot send a Blob'
const passedOn = 'workerd reports codes that no frame may carry'
const ownTarget = 'the EventTarget of workerd is simpler than the standard'

const workerd: Quirks = {
  ...base,
  blobs: false,
  transport: {
    'a Blob is sent byte for byte': noBlob,
    'an empty Blob is sent byte for byte': noBlob,
    'text, binary and Blobs leave in the order they were sent': noBlob,
    'bytes are sent as they were at the call, though a Blob is ahead of them and the buffer changes afterwards': noBlob,
    'illegal code 1005 on the wire is reported as 1006, once (C03)': passedOn,
    "a 101 that doesn't match the request never opens (/wrong-protocol, H07)": unchecked,
    'a malformed frame ends with 1006 and delivers nothing (/bad-utf8, P02)': 'workerd repairs the text',
    'ws://[ fails asynchronously and is fatal (H11)': 'workerd rejects no URL as malformed',
  },
  dropIn: {
    ...deviations.own,
    'a server that selects none of the offered subprotocols causes error and close (1006)': unchecked,
    'an event handler that returns false cancels a cancelable event': ownTarget,
    'dispatchEvent returns whether the event was canceled': ownTarget,
    'invalid UTF-8 fires error, then an unclean close, and no message': 'workerd repairs the text',
    'a lone surrogate is sent as U+FFFD': 'workerd sends it unchanged, which servers reject',
    'a Blob and a File are sent as their bytes': noBlob,
    'messages are sent in order, Blobs included': noBlob,
    'data is captured at the time of send()': noBlob,
    'bufferedAmount counts the UTF-8 bytes sent in this task and returns to 0': 'workerd counts nothing',
  },
}

const firefox: Quirks = {
  ...page,
  mayMissOpen: true,
  transport: {
    'illegal code 1005 on the wire is reported as 1006, once (C03)': 'Firefox treats it as a close without a code',
    'a handshake that is abandoned or closed frees its TCP connection (H08)':
      'Firefox keeps it until the server closes it, and allows six per server',
  },
  dropIn: {
    ...deviations.own,
    'a server that selects none of the offered subprotocols causes error and close (1006)': 'Firefox opens',
    'a reset link fires close (1006) without error, because the client did not fail it':
      'Firefox fires an error event first',
  },
}

const later = 'WebKitGTK treats codes newer than RFC 6455 as a protocol error'

const webkit: Quirks = {
  ...base,
  patience: 6_000,
  hearsRestart: false,
  waitsForBody: true,
  transport: {
    "the server's 1012 and its reason are reported (C02)": later,
    "the server's 1013 and its reason are reported (C02)": later,
    "the server's 1014 and its reason are reported (C02)": later,
    'an upgrade answered with HTTP 302 never opens (H06)': 'WebKitGTK follows it',
  },
  dropIn: {
    ...deviations.own,
    'a server that selects none of the offered subprotocols causes error and close (1006)': 'WebKitGTK opens',
    'a reset link fires close (1006) without error, because the client did not fail it':
      'WebKitGTK fires an error event first',
  },
}

const engines: Readonly<Record<string, Quirks>> = {
  node22,
  node24,
  node26: node24,
  bun,
  deno,
  workerd,
  chromium: { ...page, dropIn: deviations.inPage },
  firefox,
  webkit,
}

/** `node22`, `chromium`, `firefox worker`: a worker is like its page unless its full name is listed here. */
export function quirksOf(engine: string): Quirks {
  const quirks = engines[engine] ?? engines[engine.split(' ')[0]!]
  if (quirks === undefined) throw new Error(`nothing is known of ${engine}`)
  return quirks
}
