var __defProp = Object.defineProperty;
var __typeError = (msg) => {
  throw TypeError(msg);
};
var __defNormalProp = (obj, key, value) => key in obj ? __defProp(obj, key, { enumerable: true, configurable: true, writable: true, value }) : obj[key] = value;
var __publicField = (obj, key, value) => __defNormalProp(obj, typeof key !== "symbol" ? key + "" : key, value);
var __accessCheck = (obj, member, msg) => member.has(obj) || __typeError("Cannot " + msg);
var __privateGet = (obj, member, getter) => (__accessCheck(obj, member, "read from private field"), getter ? getter.call(obj) : member.get(obj));
var __privateAdd = (obj, member, value) => member.has(obj) ? __typeError("Cannot add the same private member more than once") : member instanceof WeakSet ? member.add(obj) : member.set(obj, value);
var __privateSet = (obj, member, value, setter) => (__accessCheck(obj, member, "write to private field"), setter ? setter.call(obj, value) : member.set(obj, value), value);
var __privateMethod = (obj, member, method) => (__accessCheck(obj, member, "access private method"), method);
var __privateWrapper = (obj, member, setter, getter) => ({
  set _(value) {
    __privateSet(obj, member, value, setter);
  },
  get _() {
    return __privateGet(obj, member, getter);
  }
});
var _core, _pings, _pingedAt, _abort, _released, _over, _leaving, _Attempt_instances, giveUp_fn, isHeartbeat_fn, reply_fn, pong_fn, prove_fn, alive_fn, _core2, _port, _timers, _observer, _waiting, _busy, _spawned, _queue, _CompiledEngine_instances, accept_fn, take_fn, react_fn, follow_fn, enter_fn, act_fn, dial_fn, dispose_fn, set_fn, clear_fn, end_fn, fail_fn, tell_fn, _entries, _size, _report, _Listeners_instances, call_fn, remove_fn, _lists, _core3, _Events_instances, listOf_fn, make_fn, _core4, _previousDelay, _Retrying_instances, ask_fn, backoff_fn, _core5, _Outgoing_instances, wait_fn, _core6, _limit, _entries2, _head, _tasks, _busy2, _names, _Featured_instances, attach_fn, noPromise_fn, listen_fn, _clock, _unref, _core7, _waiting2, _late, _Timers_instances, forget_fn, arm_fn, expire_fn, _snapshot, _effects, _left, _ended, _loss, _failure, _extra, _closeArguments, _retrying, _Core_instances, refreshStatus_fn, noteEnd_fn, settle_fn, perform_fn, dial_fn2, link_fn, open_fn, startClosing_fn, mayClose_get, decide_fn, tellClose_fn, tellState_fn, tellBackoff_fn, _clock2, _ahead, _GuardedClock_instances, read_fn, report_fn, _signal, _callbacks, _aborted, _Watch_instances, end_fn2, _all, _resting, _SignalRegistrations_instances, follow_fn2, finish_fn, _waiting3, _Waiters_instances, of_fn, settle_fn2, _core8, _mark, _timer, _waiters, _answered, _Backpressure_instances, ask_fn2, flush_fn, drained_fn, hasRoom_get, _core9, _Batches_instances, keep_fn, _core10, _sendOptions, _registrations, _Checks_instances, follow_fn3, _core11, _waiters2, _last, _Promises_instances, waiting_get, _core12, _neverOpen, _complained, _error, _Complaint_instances, complain_fn, _core13, _core14, _tracked, _lost, _proven, _Delivery_instances, tell_fn2, _core15, _most, _kind, _streak, _lasted, _core16, _cuts, _openedAt, _framesAtOpen, _core17, _observer2, _options, _listener, _listening, _hidden, _deaf, _World_instances, hear_fn, guard_fn, _core18, _world, _items, _head2, _overflowed, _socket, _frames, _size2, _paused, _readers, _PreparingLink_instances, pause_fn, resume_fn, over_fn, _link, _source, _inboxes, _source2, _bounds, _stopListening, _ended2, _messages, _bytes, _seen, _waiting4, _resume, _overflow, _over2, _failure2, _Inbox_instances, full_get, holds_fn, receive_fn, push_fn, shift_fn, pause_fn2, read_fn2, _core19, _inboxes2, _listeners, _leave, _holders, _links, _pausedAt, _Readers_instances, resumed_fn, _bounds2, _host, _ring, _head3, _tail, _size3, _bytes2, _byKey, _mayExpire, _soonest, _SendQueue_instances, fits_fn, full_fn, at_fn, under_fn, dropExpired_fn, insert_fn, drop_fn, remove_fn2, trim_fn, move_fn, _entries3, _core20, _RichQueue_instances, sizeOf_fn, _factor, _load, _answers, _core21, _factor2, _last2, _SlowLinks_instances, socket_get, _core22, _subscribe, _getSnapshot, _core23, _readable, _writable, _Streams_instances, hasEnded_get, _core24, _signal2, _forget, _given, _last3, _isSound, _LiveHeartbeat_instances, now_get, _detail, _binaryType, _dispatcher, _drop, _watcher, _asked, _readsLate, _sentBlob, _StandardSocket_instances, failed_fn, closed_fn, _callbacks2, _clock3, _every, _timer2, _Ticker_instances, arm_fn2, _reasons, _post, _all2, _watched, _Showing_instances, attach_fn2, gone_fn, _weather, _online, _links2, _listeners2, _network, _sink, _open, _over3, _SimulatedSocket_instances, end_fn3, finish_fn2, travel_fn;
import { defineComponent, shallowRef, ref, onMounted, onUnmounted, computed, unref as unref$1, useSSRContext } from "vue";
import { ssrRenderAttr, ssrRenderClass, ssrInterpolate, ssrRenderList } from "vue/server-renderer";
import { w as withBase } from "./app.js";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
import "@vueuse/core";
const calls = {
  ERR_URL: {
    "url-type": (type) => `url (${type}) must be a string, a URL, or a function that gives one`,
    "url-syntax": (length) => `url (of ${length} characters) must be an absolute ws: or wss: URL: check its syntax`,
    "url-scheme": (scheme, known2) => `url (scheme ${scheme}) must have the scheme ${known2}${scheme === "ws+unix:" ? "; a socket file is dialed over wsTransport of statewire/ws" : ""}`,
    "url-fragment": () => "url (with a fragment) must not have one: leave out the # and what follows it",
    "url-host": (scheme) => `url (scheme ${scheme}) must have a path and no host: write ${scheme}/path/of/the/socket:/path/of/the/request`,
    "url-refused": () => "the WebSocket class refused the URL"
  },
  ERR_MISSING_PEER: {
    "no-url": () => "createConnection needs a global URL, and this runtime has none: load a polyfill first, such as react-native-url-polyfill",
    "no-websocket": () => "this runtime has no global WebSocket: use wsTransport of statewire/ws, or Node 22 or later, or give a class to webSocketTransport({ WebSocket })",
    "websocket-not-a-class": (type) => `the global WebSocket (${type}) is not a constructor: look at what has replaced it, or give a class to webSocketTransport({ WebSocket })`,
    "no-stream": (name) => `this runtime has no global ${name}: load a polyfill first, such as web-streams-polyfill, or use ${name === "ReadableStream" ? "messages()" : "send() and drained()"}`,
    "no-event": (name) => `ReconnectingWebSocket needs a global ${name}, and this runtime has none: load a polyfill first, such as event-target-polyfill, or use createConnection, which needs neither`
  },
  ERR_CLOSE_ARGUMENT: {
    "close-code": (value) => `close code (${value}) must be 1000, or 3000 to 4999`,
    "close-reason-type": (type) => `close reason (${type}) must be a string`,
    "close-reason-length": (bytes, most2) => `close reason (${bytes} bytes) must be at most ${most2} bytes of UTF-8`
  },
  ERR_DATA: {
    "not-data": (type) => `data (${type}) must be a string, an ArrayBuffer, a view of one, or a Blob: encode it first, or give a codec`,
    "data-unreadable": () => "data (which throws when it is read) must be plain: see the cause",
    "data-shared": () => "data (a view of shared memory) must not change while it is sent: copy it first",
    "data-detached": () => "data (a detached buffer) must still have its bytes: send it before it is transferred",
    "data-closed": () => "data (a Blob that was closed) must still have its bytes: send it first",
    "data-out-of-bounds": () => "data (a view past the end of a buffer that has shrunk) must lie within its buffer: make another view",
    "not-iterable": (type) => `messages (${type}) must be an iterable of messages, such as an array`,
    "data-refused": () => "the socket refused the message: see the cause"
  },
  ERR_ENCODE: {
    "encode-threw": () => "codec.encode threw, so nothing was sent: see the cause"
  },
  ERR_QUEUE_FULL: {
    "queue-count": (waiting2) => `the send queue (${waiting2} messages) has no room for another: send less while there is no link, or raise queue`,
    "queue-full": (waiting2, waitingBytes, messages, bytes, mostMessages, mostBytes) => `the send queue (${waiting2} messages, ${waitingBytes} bytes) has no room for ${messages} of ${bytes} bytes more: await drained(), raise queue.messages (${mostMessages}) or queue.bytes (${mostBytes}), or choose another queue.overflow`,
    "never-fits": (messages, bytes, mostMessages, mostBytes) => `the message (${messages === 1 ? "" : `${messages} of them, `}${bytes} bytes or more) can never wait in the send queue (at most ${mostMessages} messages and ${mostBytes} bytes): raise queue.messages or queue.bytes, or await drained(), which then resolves once the connection is open and has room`,
    "not-kept": (messages, most2) => `${messages === 1 ? "a message" : `${messages} messages`} (${most2} wait already) ${messages === 1 ? "was" : "were"} not kept: send again after open, or raise maxEnqueuedMessages`
  },
  ERR_ENDED: {
    ended: (call, state) => `${call} (on a connection that is ${state}) must come before close(), or after open()`,
    "ended-refused": (call) => `${call} (on a connection that was refused, and so has ended) must have something to connect to: see the cause`,
    "ended-aborted": (call) => `${call} (on a connection whose signal was aborted) must not follow: make another connection`,
    "ended-defect": (call) => `${call} (on a connection that a defect of statewire has ended) cannot go on: see the cause`,
    "link-over": () => "the link (of an attempt that is over) must not be used after prepare"
  },
  /** Exceptions of the standard, which have no code. */
  WebSocket: {
    "too-few-arguments": (call, needs) => `${call} needs ${needs}`,
    "not-text": () => "a symbol is not text",
    "not-a-token": () => "a subprotocol must be a token of RFC 6455, given once",
    resizable: () => "a buffer that can be resized cannot be sent",
    shared: () => "a view of shared memory cannot be sent",
    "close-code": (value) => `close code (${value}) must be 1000, or 3000 to 4999`,
    "close-reason-length": (bytes, most2) => `close reason (${bytes} bytes) must be at most ${most2} bytes of UTF-8`,
    "not-a-signal": () => "signal must be an AbortSignal",
    "not-a-listener": () => "a listener must be a function or an object with handleEvent",
    connecting: () => "it is still connecting",
    "never-open": () => "the WebSocket was closed before it was open",
    dropped: (why) => `a message that waited was dropped (${why})`
  }
};
const losses = {
  ERR_HEARTBEAT_TIMEOUT: {
    "heartbeat-timeout": () => "the link (silent, and no answer to a ping in time) was abandoned: if this is not rare, compare heartbeat.timeout with the round-trip time"
  },
  ERR_IDLE_CUT: {
    /** `interval` in seconds; `Infinity`: nothing is pinged. */
    "idle-cut": (links, seconds, interval) => `${links} links in a row (cut after about ${seconds} s each, without a ping and with next to no messages) are a sign that a proxy or server cuts idle links: ${interval === Infinity ? "give a heartbeat that pings more often than that" : `make heartbeat.interval (${interval} s) shorter than that, and where the runtime cannot ping, give a textHeartbeat`}`
  },
  ERR_CONNECT_TIMEOUT: {
    "connect-timeout": () => "connectTimeout passed before provider, handshake and prepare were done: see which one hangs, or raise it"
  },
  ERR_PROVIDER: {
    "provider-threw": () => "the url function threw or rejected, so the attempt failed: see the cause",
    "provider-result": (type) => `the url function (which gave ${type}) must give a string, a URL, or { url, … }`,
    "provider-failed": () => "the URL provider failed, so the attempt failed: see the cause"
  },
  ERR_PREPARE: {
    "prepare-threw": () => "prepare threw or rejected, so the attempt failed: see the cause",
    "prepare-unread": (messages) => `prepare left too much unread (${messages} messages): read() them, or have the server send less before you are prepared`
  },
  ERR_REFUSED: {
    refused: () => "the app refused to connect",
    "refused-by-provider": () => "the url function refused to connect, so the connection has ended: see the cause",
    "refused-by-prepare": () => "prepare refused to connect, so the connection has ended: see the cause"
  },
  ERR_HANDSHAKE: {
    handshake: (status) => `the server answered the upgrade with HTTP ${status}: look at the URL, the credentials and the proxies on the way`
  },
  ERR_SOCKET: {
    "socket-failed": () => "the WebSocket failed: see the cause, if the runtime tells one",
    "socket-said": (message) => `the WebSocket failed: ${message}`,
    "socket-silent": () => "the WebSocket failed: the runtime does not say why",
    "not-constructed": () => "the WebSocket could not be constructed"
  },
  ERR_TRANSPORT: {
    "connect-threw": () => "the transport threw in connect, or returned no socket: report it to the author of the transport",
    "not-a-socket": () => "connect must return a socket, with all methods that a socket has to have",
    "no-headers": () => "a standard WebSocket cannot send headers: use wsTransport of statewire/ws, or put the token into the URL or a subprotocol",
    "no-tls": () => "a standard WebSocket takes no TLS options: use wsTransport of statewire/ws, or the certificates of the system",
    "not-open": () => "send needs an open socket, and this one is not",
    "no-blob": () => "this runtime cannot send a Blob: send its bytes",
    "foreign-blob": () => "this Blob is not one of this runtime: send its bytes"
  }
};
const options = {
  ERR_OPTION: {
    "not-a-duration": (option, value, least, most2) => `${option} (${value}) must be a ${most2 === Infinity ? "" : "finite "}number of milliseconds, ${least} or more${most2 < Number.MAX_SAFE_INTEGER ? `, at most ${most2}` : ""}`,
    "not-a-count": (option, value, least) => `${option} (${value}) must be a whole number, ${least} or more, or Infinity`,
    "not-a-fraction": (option, value) => `${option} (${value}) must be a fraction from 0 to 1`,
    "not-a-factor": (option, value) => `${option} (${value}) must be a finite number, 1 or more`,
    "not-one-of": (option, value, allowed) => `${option} (${value}) must be one of ${allowed}`,
    "not-a-function": (option, value) => `${option} (${value}) must be a function`,
    "not-a-constructor": (option, value) => `${option} (${value}) must be a constructor, such as a class`,
    "not-a-boolean": (option, value) => `${option} (${value}) must be true or false`,
    "not-a-string": (option, value) => `${option} (${value}) must be a string`,
    "not-a-list": (option, value) => `${option} (${value}) must be an array of one or more`,
    "not-an-object": (option, value) => `${option} (${value}) must be an object`,
    "not-an-object-with": (option, value, methods2) => `${option} (${value}) must be an object with ${methods2}`,
    "not-a-signal": (option, value) => `${option} (${value}) must be an AbortSignal`,
    "too-small": (option, value, other, least) => `${option} (${value}) must be at least ${other} (${least})`,
    "given-twice": (option, value, other) => `${option} (${value}) must not be given together with ${other}: both decide the same`,
    "unknown-name": (option, value, known2) => `${option} (${value}) must not be given; the known names are ${known2}`,
    unreadable: (option) => `${option} (with a property that throws when it is read) must be plain values: see the cause`,
    "not-a-ping": (option, value) => `${option} (${value}) must be 'protocol', 'none' or a function`,
    "not-a-matcher": (option, value) => `${option} (${value}) must be a string or a function`,
    "not-sendable": (option, value) => `${option} (${value}) must be a string, an ArrayBuffer, a view of one, a Blob, or a function`,
    "answer-alone": (option, value, other) => `${option} (${value}) must come with ${other}, which tells what to answer`,
    "pong-unknown": (option, value) => `${option} (${value}) must be a function when heartbeat.proof is 'pong' and the ping is a message`,
    "nothing-pinged": (option, value, only) => `${option} (${value}) must be '${only}' when nothing is pinged`,
    "timeout-too-long": (option, value, interval) => `${option} (${value}) must be less than heartbeat.interval (${interval}) when 'always'`,
    "protocol-not-a-token": (value) => `protocols (with ${value}) must be tokens of RFC 6455: letters, digits, no spaces or separators`,
    "protocol-twice": (value) => `protocols (${value} twice) must not repeat a name`,
    "headers-not-an-object": (value) => `headers (${value}) must be an object of strings`,
    "header-invalid": (name) => `headers (${name}) must be a token with a string of one line`,
    "not-tls-material": (option, value) => `${option} (${value}) must be PEM text, bytes, or an array of these`,
    "arguments-refused": () => "the WebSocket class refused its arguments (subprotocols, headers or options)",
    "feature-missing": (name, need) => `options.features: ${name}() must come after ${need}()`,
    "role-taken": (name, role) => `options.features: ${name}() must not be the ${role}, because another feature is`,
    "member-taken": (name, member) => `options.features: ${name}() must not add ${member}, because another feature does`,
    "not-features": (option, value) => `${option} (${value}) must be an array of features`,
    "not-a-pace": (option, value) => `${option} (${value}) must be 10 milliseconds or more, and less than 2^31`,
    "any-origin": (option, value) => `${option} (${value}) must be one origin, because any page could receive the messages otherwise`
  }
};
const failed$1 = (what) => `${what} failed: see the cause`;
const promised = () => "it returned a promise, and must return its result at once";
const reports = {
  ERR_LISTENER: { failed: failed$1 },
  ERR_INSPECTOR: { failed: failed$1 },
  ERR_DECODE: { failed: failed$1, promised },
  ERR_POLICY: {
    failed: failed$1,
    promised,
    "not-a-decision": (what, type) => `${what} returned ${type}, not a boolean or undefined`,
    "not-a-delay": (value) => `backoff returned ${value}, not a number of milliseconds, 0 or more`,
    "not-a-message": (type) => `heartbeat.ping gave ${type}, which cannot be sent`
  },
  ERR_ENVIRONMENT: {
    failed: failed$1,
    "not-a-signal": (type) => `notify was given ${type}, not the name of a signal`,
    "not-random": (value) => `random() returned ${value}, not a number from 0 up to but not including 1`,
    "not-a-time": (method, value) => `clock.${method}() returned ${value}`,
    "not-a-timer": () => "clock.setTimeout returned a promise, and must return a handle at once"
  },
  ERR_INTERNAL: {
    failed: failed$1,
    defect: () => "a defect of statewire has ended the connection: please report it with its cause"
  }
};
const catalogue = { ...options, ...calls, ...losses, ...reports };
const explain$1 = (topic, key, values) => catalogue[topic][key](...values);
const explain = explain$1;
class ConnectionError extends Error {
  constructor(code, message, detail = {}) {
    super(message, "cause" in detail ? { cause: detail.cause } : void 0);
    __publicField(this, "name", "ConnectionError");
    /** One of a closed set; branch on this, never on the message. */
    __publicField(this, "code");
    /** The HTTP status of a refused upgrade, where the transport could see it. */
    __publicField(this, "status");
    this.code = code;
    this.status = detail.status;
    if (detail.response !== void 0)
      Object.defineProperty(this, "response", { value: detail.response });
  }
  /** True for an error of any copy of this package: an application can have two, of two versions or in two bundles. */
  static [Symbol.hasInstance](value) {
    const ordinary = Function.prototype[Symbol.hasInstance].call(this, value);
    return ordinary || this === ConnectionError && isConnectionError(value);
  }
}
function makeError(code, key, values, detail) {
  return new ConnectionError(code, explain(code, key, values), detail);
}
function isConnectionError(value) {
  try {
    const { name, code } = value ?? {};
    return name === "ConnectionError" && typeof code === "string";
  } catch {
    return false;
  }
}
function isRefused(thrown) {
  try {
    return (thrown == null ? void 0 : thrown.code) === "ERR_REFUSED";
  } catch {
    return false;
  }
}
function isThenable(value) {
  if (value === null || typeof value !== "object" && typeof value !== "function")
    return false;
  return typeof value.then === "function";
}
function onRejection(value, report2) {
  if (isThenable(value))
    Promise.resolve(value).then(void 0, report2);
}
function ignore() {
}
function silence(value) {
  try {
    onRejection(value, ignore);
  } catch {
  }
}
function soon(task) {
  void Promise.resolve().then(task);
}
function guardListener(listener, report2) {
  return function guarded(event) {
    try {
      const returned = typeof listener === "function" ? listener.call(this, event) : listener.handleEvent(event);
      onRejection(returned, report2);
    } catch (thrown) {
      report2(thrown);
    }
  };
}
function show(value) {
  if (typeof value === "string")
    return value.length > 24 ? `a string of ${value.length} characters` : JSON.stringify(value);
  if (typeof value === "number" || typeof value === "boolean" || value === null || value === void 0)
    return String(value);
  if (typeof value === "bigint")
    return `${value}n`;
  if (typeof value === "function")
    return "a function";
  if (Array.isArray(value))
    return `an array of ${value.length}`;
  return typeof value === "symbol" ? "a symbol" : "an object";
}
function tagOf(value) {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}
function isBlob(value) {
  if (typeof value !== "object" || value === null || "byteLength" in value)
    return false;
  return "size" in value && "type" in value && typeof value.slice === "function";
}
function isUrl(value) {
  return typeof value === "object" && value !== null && typeof value.href === "string";
}
function shown(value) {
  let text = "an object";
  try {
    text = show(value);
    onRejection(value, ignore);
  } catch {
  }
  return text;
}
function wrongOption(option, value, key, ...more) {
  throw makeError("ERR_OPTION", key, [option, shown(value), ...more]);
}
function duration(option, value, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}) {
  if (typeof value !== "number" || Number.isNaN(value) || value < min || value > max) {
    wrongOption(option, value, "not-a-duration", min, max);
  }
  return value;
}
function count(option, value, min = 0) {
  if (typeof value !== "number" || !(Number.isInteger(value) || value === Infinity) || value < min) {
    wrongOption(option, value, "not-a-count", min);
  }
  return value;
}
function oneOf(option, value, allowed) {
  if (!allowed.includes(value)) {
    wrongOption(option, value, "not-one-of", allowed.map((each) => `'${each}'`).join(", "));
  }
  return value;
}
function isFunction(option, value) {
  if (typeof value !== "function")
    wrongOption(option, value, "not-a-function");
  return value;
}
function canConstruct(value) {
  try {
    Reflect.construct(Object, [], value);
    return true;
  } catch {
    return false;
  }
}
function isConstructor(option, value) {
  if (!canConstruct(value))
    wrongOption(option, value, "not-a-constructor");
}
function isBoolean(option, value) {
  if (typeof value !== "boolean")
    wrongOption(option, value, "not-a-boolean");
  return value;
}
function bag(option, value, keys) {
  return readable(option, () => copyOfBag(option, value, keys));
}
function readable(option, read) {
  try {
    return read();
  } catch (thrown) {
    if (isConnectionError(thrown))
      throw thrown;
    throw makeError("ERR_OPTION", "unreadable", [option], { cause: thrown });
  }
}
function copyOfBag(option, value, keys) {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    wrongOption(option, value, "not-an-object");
  for (const key of Object.keys(value)) {
    if (!keys.includes(key)) {
      const given = value[key];
      const text = typeof given === "string" ? `a string of ${given.length} characters` : show(given);
      throw makeError("ERR_OPTION", "unknown-name", [`${option}.${key}`, text, keys.join(", ")]);
    }
  }
  const copy2 = {};
  for (const key of keys) {
    const given = value[key];
    if (given !== void 0)
      copy2[key] = given;
  }
  return copy2;
}
function byteLength(data, most2 = Infinity) {
  return typeof data === "string" ? utf8Length(data, most2) : quickSize(data);
}
function utf8Length(text, most2) {
  let bytes = text.length;
  for (let index = 0; index < text.length && bytes <= most2; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 128)
      continue;
    if (unit < 2048)
      bytes += 1;
    else if (isPair(unit, text.charCodeAt(index + 1))) {
      bytes += 2;
      index++;
    } else
      bytes += 2;
  }
  return bytes;
}
function isPair(high, low) {
  return high >= 55296 && high < 56320 && low >= 56320 && low < 57344;
}
function quickSize(data) {
  return typeof data === "string" ? data.length : "byteLength" in data ? data.byteLength : data.size;
}
function snapshot(data) {
  if (typeof data === "string")
    return data;
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  return "byteLength" in data ? data.slice(0) : data;
}
function checkData(data) {
  if (typeof data === "string")
    return data;
  try {
    return isBlob(data) ? checkBlob(data) : checkBinary(data);
  } catch (thrown) {
    if (isConnectionError(thrown))
      throw thrown;
    throw makeError("ERR_DATA", "data-unreadable", [], { cause: thrown });
  }
}
function checkBinary(data) {
  const view = ArrayBuffer.isView(data);
  const buffer = view ? data.buffer : data;
  if (!view && tagOf(data) !== "ArrayBuffer") {
    throw makeError("ERR_DATA", "not-data", [data === null ? "null" : typeof data]);
  }
  if (tagOf(buffer) === "SharedArrayBuffer") {
    throw makeError("ERR_DATA", "data-shared", []);
  }
  if (buffer.byteLength === 0 && isDetached(buffer)) {
    throw makeError("ERR_DATA", "data-detached", []);
  }
  const isResizable = buffer.resizable === true;
  return isResizable ? fixed(data) : data;
}
function checkBlob(data) {
  try {
    void data.size;
    return data;
  } catch (cause) {
    throw makeError("ERR_DATA", "data-closed", [], { cause });
  }
}
function fixed(data) {
  var _a;
  try {
    if (ArrayBuffer.isView(data))
      (_a = data.keys) == null ? void 0 : _a.call(data);
    return snapshot(data);
  } catch (cause) {
    throw makeError("ERR_DATA", "data-out-of-bounds", [], { cause });
  }
}
function isDetached(buffer) {
  try {
    return new Uint8Array(buffer).length > 0;
  } catch {
    return true;
  }
}
const heartbeatDefaults = { interval: 2e4, timeout: 1e4, when: "idle", proof: "any" };
const plainPing = { ping: "protocol", interval: 2e4, timeout: 1e4, when: "idle", proof: "any" };
const occasions = ["idle", "always"];
const proofs = ["any", "pong"];
function checkTiming({ interval, timeout: timeout2 }) {
  duration("heartbeat.interval", interval, { min: 1 });
  duration("heartbeat.timeout", timeout2, { min: 1 });
}
function rhythm({ interval = heartbeatDefaults.interval, timeout: timeout2 = heartbeatDefaults.timeout, when = heartbeatDefaults.when, proof = heartbeatDefaults.proof }) {
  return { interval, timeout: timeout2, when, proof };
}
function codes$1(retry) {
  return retry === void 0 ? {} : { retry: isFunction("heartbeat.retry", retry) };
}
function protocolPing(options2 = {}) {
  const given = bag("heartbeat", options2, ["interval", "timeout", "when", "proof", "retry"]);
  return checkHeartbeat({ ping: "protocol", ...rhythm(given), ...codes$1(given.retry) });
}
function checkHeartbeat(value) {
  const keys = ["interval", "timeout", "when", "proof", "ping", "recognise", "answer", "withhold", "retry"];
  const given = bag("heartbeat", value, keys);
  const { interval, timeout: timeout2, ping, when, proof, recognise, answer, withhold, retry } = given;
  if (ping !== "protocol" && ping !== "none" && typeof ping !== "function") {
    wrongOption("heartbeat.ping", ping, "not-a-ping");
  }
  const isOff = ping === "none" && interval === Infinity;
  checkTiming({ interval: isOff ? heartbeatDefaults.interval : interval, timeout: timeout2 });
  oneOf("heartbeat.when", when, occasions);
  oneOf("heartbeat.proof", proof, proofs);
  if (recognise !== void 0)
    isFunction("heartbeat.recognise", recognise);
  if (answer !== void 0)
    isFunction("heartbeat.answer", answer);
  if (retry !== void 0)
    isFunction("heartbeat.retry", retry);
  if (withhold !== void 0)
    isBoolean("heartbeat.withhold", withhold);
  if (ping === "none" && when === "always")
    wrongOption("heartbeat.when", when, "nothing-pinged", "idle");
  if (ping === "none" && proof === "pong")
    wrongOption("heartbeat.proof", proof, "nothing-pinged", "any");
  if (typeof ping === "function" && proof === "pong" && recognise === void 0) {
    wrongOption("heartbeat.recognise", recognise, "pong-unknown");
  }
  if (answer !== void 0 && recognise === void 0) {
    wrongOption("heartbeat.answer", answer, "answer-alone", "heartbeat.recognise");
  }
  if (when === "always" && timeout2 >= interval) {
    wrongOption("heartbeat.timeout", timeout2, "timeout-too-long", interval);
  }
  return given;
}
function remember(ask) {
  let last2;
  return (given) => ((last2 == null ? void 0 : last2.given) === given ? last2 : last2 = { given, answer: ask(given) }).answer;
}
const mostPings = 1e3;
const leastLeft = 1e3;
const none$8 = [];
class Attempt {
  constructor(gen, core) {
    __privateAdd(this, _Attempt_instances);
    __publicField(this, "gen");
    __publicField(this, "dialledOffline");
    __publicField(this, "url", "");
    __publicField(this, "protocol", "");
    __publicField(this, "extensions", "");
    __publicField(this, "socket");
    /** How it ended, once it did by itself. */
    __publicField(this, "close");
    /** The peer's Close was the answer to ours. */
    __publicField(this, "answered", false);
    __publicField(this, "failure");
    /** What `prepare` resolved with. */
    __publicField(this, "prepared");
    /** The link is prepared, and as far as we know its socket is open. */
    __publicField(this, "ready", false);
    /** While `prepare` runs, it gets the messages. */
    __publicField(this, "preparation");
    /** A ping is out, and nothing has proved life since. */
    __publicField(this, "expecting", false);
    __publicField(this, "pinged", false);
    /** What the socket was given, and how much of it has arrived for certain: messages, and bytes of binary plus characters of text. */
    __publicField(this, "messages", 0);
    __publicField(this, "bytes", 0);
    __publicField(this, "provenMessages", 0);
    __publicField(this, "provenBytes", 0);
    __privateAdd(this, _core);
    __privateAdd(this, _pings, none$8);
    __privateAdd(this, _pingedAt, 0);
    __privateAdd(this, _abort);
    __privateAdd(this, _released, false);
    __privateAdd(this, _over, false);
    __privateAdd(this, _leaving, false);
    var _a;
    this.gen = gen;
    __privateSet(this, _core, core);
    this.dialledOffline = ((_a = core.environment) == null ? void 0 : _a.online) === false;
  }
  /** Aborted when this attempt is given up. Few ask for it, so it is made when it is asked for. */
  get signal() {
    var _a;
    __privateGet(this, _abort) ?? __privateSet(this, _abort, ((_a = __privateGet(this, _core).address) == null ? void 0 : _a.controller()) ?? new AbortController());
    if (__privateGet(this, _released))
      __privateGet(this, _abort).abort();
    return __privateGet(this, _abort).signal;
  }
  /** It was not given up, and has not ended. */
  get wanted() {
    return !__privateGet(this, _over) && !__privateGet(this, _leaving);
  }
  async start() {
    var _a;
    const core = __privateGet(this, _core);
    if (__privateGet(this, _leaving))
      return;
    let target;
    try {
      target = await (((_a = core.address) == null ? void 0 : _a.resolve(this)) ?? plainTarget(core, this));
    } catch (thrown) {
      const error = isConnectionError(thrown) ? thrown : providerFailure(thrown);
      this.fail({ error, fatal: error.code !== "ERR_PROVIDER" });
      return;
    }
    if (!this.wanted)
      return;
    this.url = core.lastUrl = target.url;
    core.chart({ type: "socket.resolved", gen: this.gen });
    if (!this.wanted)
      return;
    try {
      const protocols = core.parts.reduce((list, part) => {
        var _a2;
        return ((_a2 = part.offer) == null ? void 0 : _a2.call(part, list)) ?? list;
      }, target.protocols);
      this.socket = checkSocket(core.options.transport.connect({ ...target, protocols, binaryType: core.binaryType }, this));
    } catch (thrown) {
      this.fail({ error: makeError("ERR_TRANSPORT", "connect-threw", [], { cause: thrown }) });
    }
  }
  /** The handshake is done: authentication and the like, before anything else is sent. */
  prepare() {
    const { preparation: preparation2 } = __privateGet(this, _core);
    if (preparation2 === void 0)
      this.done(void 0);
    else
      this.preparation = preparation2.begin(this);
  }
  /** `prepare` resolved. */
  done(prepared) {
    if (!this.wanted)
      return;
    this.prepared = prepared;
    __privateGet(this, _core).chart({ type: "socket.prepared", gen: this.gen });
  }
  /** Starts the closing handshake, or reports soon that there was nothing to close. */
  startClosing(code, reason) {
    __privateSet(this, _leaving, true);
    if (this.socket !== void 0)
      return this.socket.close(code, reason);
    soon(() => this.fail(void 0));
    __privateMethod(this, _Attempt_instances, giveUp_fn).call(this);
  }
  /** Inside a turn of the chart: the socket goes, and nothing else happens. The app hears of it by `release`. */
  abandon(code, reason) {
    var _a;
    __privateSet(this, _over, true);
    this.ready = this.expecting = false;
    try {
      (_a = this.socket) == null ? void 0 : _a.abandon(code, reason);
    } catch {
    }
  }
  /** Outside the turn: tells the URL function and `prepare` that this attempt is over. */
  release() {
    var _a;
    (_a = this.preparation) == null ? void 0 : _a.end();
    __privateMethod(this, _Attempt_instances, giveUp_fn).call(this);
  }
  fail(failure) {
    if (__privateGet(this, _over))
      return;
    this.failure ?? (this.failure = failure);
    __privateGet(this, _core).chart({ type: "socket.closed", gen: this.gen, code: 1006 });
  }
  // What the socket calls.
  opened({ protocol, extensions }) {
    if (__privateGet(this, _over))
      return;
    this.protocol = protocol;
    this.extensions = extensions;
    __privateGet(this, _core).chart({ type: "socket.opened", gen: this.gen });
  }
  /** The whole way in: the listener of the transport, this, `deliver`, the listeners. A message is a turn, for what they lead to. */
  message(data) {
    if (__privateGet(this, _over))
      return;
    const core = __privateGet(this, _core);
    const outermost = core.begin();
    try {
      core.received++;
      if (this.expecting && core.anyProves)
        __privateMethod(this, _Attempt_instances, alive_fn).call(this);
      if (core.classify !== void 0 && __privateMethod(this, _Attempt_instances, isHeartbeat_fn).call(this, data))
        return;
      if (this.preparation === void 0)
        core.deliver(data);
      else
        this.preparation.take(data);
    } finally {
      core.end(outermost);
    }
  }
  alive(frame) {
    if (__privateGet(this, _over))
      return;
    const core = __privateGet(this, _core);
    core.received++;
    core.beats++;
    if (frame === "pong" && core.heartbeat.ping === "protocol") {
      __privateMethod(this, _Attempt_instances, pong_fn).call(this, true);
      __privateMethod(this, _Attempt_instances, prove_fn).call(this);
    } else if (this.expecting && core.anyProves)
      __privateMethod(this, _Attempt_instances, alive_fn).call(this);
  }
  failed({ error, ...detail }) {
    if (!__privateGet(this, _over))
      this.failure ?? (this.failure = { error: asConnectionError(error, detail.status), ...detail });
  }
  closed(close, answered = false) {
    if (__privateGet(this, _over))
      return;
    this.close = close;
    this.answered = answered;
    __privateGet(this, _core).chart({ type: "socket.closed", gen: this.gen, code: close.code });
  }
  // The heartbeat. When and whether to ping, the chart decides.
  /** How much of the timeout is left to the ping that is out; all of it if none is. Milliseconds. */
  get left() {
    const { timeout: timeout2, timers } = __privateGet(this, _core);
    const left = this.expecting ? __privateGet(this, _pingedAt) + timeout2 - timers.now() : 0;
    return left > 0 ? Math.max(leastLeft, left) : timeout2;
  }
  ping() {
    const core = __privateGet(this, _core);
    const { ping } = core.heartbeat;
    this.expecting = true;
    __privateSet(this, _pingedAt, core.timers.now());
    if (ping === "none")
      return;
    let data;
    try {
      if (ping !== "protocol")
        data = core.check(ping());
    } catch (thrown) {
      core.fail("ERR_POLICY", "heartbeat.ping", thrown);
      __privateMethod(this, _Attempt_instances, alive_fn).call(this);
      return;
    }
    const { messages, bytes } = this;
    if (__privateGet(this, _pings).length < mostPings)
      __privateSet(this, _pings, [...__privateGet(this, _pings), { at: __privateGet(this, _pingedAt), messages, bytes }]);
    this.sendNow(data);
  }
  /** Past queue and framing; `undefined` is a ping of the protocol. A socket that refuses it has closed, and its close is on the way. */
  sendNow(data) {
    var _a, _b;
    try {
      if (data === void 0)
        (_b = (_a = this.socket).ping) == null ? void 0 : _b.call(_a);
      else
        this.socket.send(data);
    } catch {
    }
  }
}
_core = new WeakMap();
_pings = new WeakMap();
_pingedAt = new WeakMap();
_abort = new WeakMap();
_released = new WeakMap();
_over = new WeakMap();
_leaving = new WeakMap();
_Attempt_instances = new WeakSet();
giveUp_fn = function() {
  var _a;
  __privateSet(this, _released, true);
  (_a = __privateGet(this, _abort)) == null ? void 0 : _a.abort();
};
/** Whether it is the server's ping, or the answer to one of ours that is outstanding, and is to be withheld. */
isHeartbeat_fn = function(data) {
  const core = __privateGet(this, _core);
  const { answer, ping } = core.heartbeat;
  let kind;
  try {
    kind = core.classify(data);
    if (isThenable(kind))
      throw notAtOnce(kind);
    const reply = kind === "ping" ? answer == null ? void 0 : answer(data) : void 0;
    if (isThenable(reply))
      throw notAtOnce(reply);
    if (reply !== void 0)
      __privateMethod(this, _Attempt_instances, reply_fn).call(this, core.check(reply));
  } catch (thrown) {
    core.fail("ERR_POLICY", kind === "ping" ? "heartbeat.answer" : "heartbeat.recognise", thrown);
    if (kind !== "ping") {
      kind = void 0;
      __privateMethod(this, _Attempt_instances, prove_fn).call(this);
    }
  }
  const isOurs = kind === "ping" || kind === "pong" && typeof ping === "function" && __privateMethod(this, _Attempt_instances, pong_fn).call(this, false);
  if (!isOurs || !core.withholds)
    return false;
  core.beats++;
  return true;
};
reply_fn = function(data) {
  const { pressure } = __privateGet(this, _core);
  if (pressure === void 0)
    this.sendNow(data);
  else
    pressure.answer(data);
};
/** Whether it is the answer to a ping that is outstanding. If so, its round trip is reported. */
pong_fn = function(isProtocol) {
  var _a;
  const core = __privateGet(this, _core);
  const ping = __privateGet(this, _pings).at(isProtocol ? -1 : 0);
  if (ping === void 0)
    return false;
  __privateSet(this, _pings, isProtocol ? none$8 : __privateGet(this, _pings).slice(1));
  const rtt = Math.max(0, core.timers.now() - ping.at);
  const proved = Math.max(0, ping.bytes - this.provenBytes);
  if (ping.messages > this.provenMessages) {
    this.provenMessages = ping.messages;
    this.provenBytes = ping.bytes;
  }
  (_a = core.patience) == null ? void 0 : _a.answered(rtt, proved);
  core.tell(() => core.events.emit("heartbeat", { rtt }));
  if (!isProtocol)
    __privateMethod(this, _Attempt_instances, prove_fn).call(this);
  return true;
};
prove_fn = function() {
  __privateGet(this, _core).pongs++;
  if (this.expecting)
    __privateMethod(this, _Attempt_instances, alive_fn).call(this);
};
alive_fn = function() {
  this.expecting = false;
  __privateGet(this, _core).chart({ type: "socket.alive", gen: this.gen });
};
async function plainTarget({ url, options: options2, status }, attempt) {
  const { attempt: number, loss: previous } = status;
  const answer = typeof url === "string" ? url : await url({ attempt: number, signal: attempt.signal, previous });
  const given = typeof answer === "object" && "url" in answer ? answer : { url: answer };
  const { protocols = options2.protocols ?? none$8 } = given;
  return {
    ...given,
    url: String(given.url),
    protocols: typeof protocols === "string" ? [protocols] : protocols,
    headers: given.headers ?? {}
  };
}
function providerFailure(cause) {
  return isRefused(cause) ? makeError("ERR_REFUSED", "refused-by-provider", [], { cause }) : makeError("ERR_PROVIDER", "provider-threw", [], { cause });
}
function notAtOnce(promise) {
  onRejection(promise, ignore);
  return new TypeError(explain("ERR_POLICY", "promised", []));
}
function checkSocket(socket2) {
  if (!isThenable(socket2) && typeof (socket2 == null ? void 0 : socket2.abandon) === "function")
    return socket2;
  onRejection(socket2, ignore);
  throw new TypeError(explain("ERR_TRANSPORT", "not-a-socket", []));
}
function asConnectionError(error, status) {
  if (isConnectionError(error))
    return error;
  const detail = { cause: error, status };
  if (status === void 0)
    return makeError("ERR_SOCKET", "socket-failed", [], detail);
  return makeError("ERR_HANDSHAKE", "handshake", [status], detail);
}
function connectDeadline(failures) {
  return Math.max(1e4, Math.min(3e4, 1e3 * 2 ** failures));
}
const probeWithin = 5e3;
const mostGrace = 1e3;
class ChartHost {
  constructor(core) {
    __privateAdd(this, _core2);
    __privateSet(this, _core2, core);
  }
  get proofs() {
    const { anyProves, received, pongs } = __privateGet(this, _core2);
    return anyProves ? received : pongs;
  }
  get trafficCounts() {
    var _a;
    return __privateGet(this, _core2).heartbeat.when === "idle" && ((_a = __privateGet(this, _core2).environment) == null ? void 0 : _a.hidden) !== true;
  }
  get paused() {
    return __privateGet(this, _core2).paused;
  }
  get moving() {
    var _a;
    return ((_a = __privateGet(this, _core2).patience) == null ? void 0 : _a.moving) === true;
  }
  get canPing() {
    var _a, _b;
    const { ping } = __privateGet(this, _core2).heartbeat;
    return ping === "protocol" ? ((_b = (_a = __privateGet(this, _core2).attempt) == null ? void 0 : _a.socket) == null ? void 0 : _b.ping) !== void 0 : ping !== "none";
  }
  get dialledOffline() {
    var _a;
    return ((_a = __privateGet(this, _core2).attempt) == null ? void 0 : _a.dialledOffline) === true;
  }
  get look() {
    const { interval, ping, when, proof } = __privateGet(this, _core2).heartbeat;
    if (ping === "protocol" && !this.canPing)
      return Infinity;
    return when === "idle" && proof === "any" ? interval / 2 : interval;
  }
  get timeout() {
    return __privateGet(this, _core2).timeout;
  }
  get probe() {
    var _a;
    return Math.min(probeWithin, ((_a = __privateGet(this, _core2).attempt) == null ? void 0 : _a.left) ?? this.timeout);
  }
  get grace() {
    return Math.min(mostGrace, Math.max(0, __privateGet(this, _core2).timers.late));
  }
  get closeTimeout() {
    return __privateGet(this, _core2).options.closeTimeout ?? 2e3;
  }
  get stableAfter() {
    return __privateGet(this, _core2).options.stableAfter ?? 1e4;
  }
  connectTimeout(failures) {
    return __privateGet(this, _core2).options.connectTimeout ?? connectDeadline(failures);
  }
  effect(name) {
    __privateGet(this, _core2).effect(name);
  }
  dispose(gen) {
    __privateGet(this, _core2).dispose(gen);
  }
  toJSON() {
    return "[port]";
  }
}
_core2 = new WeakMap();
const abandonCode = 4e3;
function describeEnd(attempt, why, given) {
  var _a;
  if (attempt.close !== void 0 || attempt.failure !== void 0) {
    return { close: attempt.close ?? abnormal$1, error: (_a = attempt.failure) == null ? void 0 : _a.error };
  }
  switch (why) {
    case "heartbeat-timeout":
      return {
        close: { code: abandonCode, reason: "heartbeat timeout", wasClean: false },
        error: makeError("ERR_HEARTBEAT_TIMEOUT", "heartbeat-timeout", [])
      };
    case "connect-timeout":
      return { close: abnormal$1, error: makeError("ERR_CONNECT_TIMEOUT", "connect-timeout", []) };
    case "reconnect":
    case "open":
    case "online":
    case "stashed":
      return {
        close: { code: (given == null ? void 0 : given.code) ?? abandonCode, reason: (given == null ? void 0 : given.reason) ?? "", wasClean: false },
        error: void 0
      };
    default:
      return { close: abnormal$1, error: void 0 };
  }
}
const abnormal$1 = { code: 1006, reason: "", wasClean: false };
function endedError(call, { state, why, loss }, broken) {
  if (why === "internal")
    return makeError("ERR_ENDED", "ended-defect", [call], { cause: broken });
  if (why === "refused" && loss !== void 0) {
    const { error, close, status } = loss;
    return makeError("ERR_ENDED", "ended-refused", [call], { cause: error ?? close, status });
  }
  return makeError("ERR_ENDED", "ended", [call, state]);
}
const nextGeneration = ({ context }) => ({ gen: context.gen + 1 });
const countFailure = ({ context }) => ({ failures: context.failures + 1 });
const forgetFailures = () => ({ failures: 0 });
const markProofs = ({ context }) => ({ mark: context.port.proofs });
const takeVerdict = ({ event }) => event.type === "policy.retry" ? { wait: event.delay, hinted: event.hinted } : {};
const takeWait = ({ event }) => "wait" in event ? { wait: event.wait, hinted: false } : {};
const current = ({ context, event }) => "gen" in event && event.gen === context.gen;
const ownDelay = ({ context }) => !context.hinted;
const heard = ({ context }) => context.port.trafficCounts && context.port.proofs !== context.mark;
const paused = ({ context }) => context.port.paused;
const moving = ({ context }) => context.port.moving;
const canPing = ({ context }) => context.port.canPing;
const canPingCurrent = (given) => canPing(given) && current(given);
const dialledOffline = ({ context }) => context.port.dialledOffline;
const wait = ({ context }) => context.wait;
const connectTimeout = ({ context }) => context.port.connectTimeout(context.failures);
const closeTimeout = ({ context }) => context.port.closeTimeout;
const stableAfter = ({ context }) => context.port.stableAfter;
const look = ({ context }) => context.port.look;
const timeout = ({ context }) => context.port.timeout;
const probe = ({ context }) => context.port.probe;
const grace = ({ context }) => context.port.grace;
const socket = ({ context }) => ({ port: context.port, gen: context.gen });
const names$1 = "connection closed idle deciding backoff scheduled hastened suspended ended live connecting resolving handshaking preparing open heartbeat resting waiting probing grace stability settling stable closing";
const parents = [-1, 0, 1, 1, 1, 4, 4, 1, 1, 0, 9, 10, 10, 10, 9, 14, 15, 15, 15, 15, 14, 20, 20, 9];
const initial = 7;
const tags = { CLOSED: 2, CONNECTING: 1024, OPEN: 16384, CLOSING: 8388608 };
const invoking = 512;
const entries = {
  3: [countFailure, "judge"],
  8: ["settle"],
  9: [nextGeneration],
  13: ["prepare"],
  14: ["announceOpen"],
  16: [markProofs],
  17: ["watch"],
  18: ["watch"],
  22: [forgetFailures],
  23: ["sayGoodbye"]
};
const delays = {
  5: [wait, [[5, 0, 50, 3584, { why: "retry" }]]],
  6: [wait, [[6, 0, 82, 3584, { why: "retry" }]]],
  7: [wait, [[7, 0, 130, 3584, { why: "retry" }]]],
  10: [connectTimeout, [[10, 0, 15872, 10, { why: "connect-timeout" }]]],
  16: [
    look,
    [
      [16, heard, 65536, 65536],
      [16, paused, 65536, 65536],
      [16, 0, 65536, 131072, "ping"]
    ]
  ],
  17: [
    timeout,
    [
      [17, paused, 131072, 65536],
      [17, moving, 131072, 131072],
      [17, 0, 131072, 524288]
    ]
  ],
  18: [
    probe,
    [
      [18, paused, 262144, 65536],
      [18, moving, 262144, 262144],
      [18, 0, 262144, 524288]
    ]
  ],
  19: [
    grace,
    [
      [19, paused, 524288, 65536],
      [19, 0, 7913984, 10, { why: "heartbeat-timeout" }]
    ]
  ],
  21: [stableAfter, [[21, 0, 2097152, 4194304]]],
  23: [closeTimeout, [[23, 0, 8389120, 258, { why: "close-timeout" }]]]
};
const events$1 = {
  OPEN: [
    [23, 0, 8389120, 3584, forgetFailures, { why: "open" }],
    [1, 0, 510, 3584, forgetFailures, { why: "open" }]
  ],
  CLOSE: [
    [23, 0, 0, 0],
    [9, 0, 8387584, 8388608, { why: "close" }],
    [8, 0, 0, 0],
    [1, 0, 252, 256, { why: "close" }]
  ],
  "socket.closed": [
    [23, current, 8389120, 258],
    [9, current, 8388096, 10, { why: "closed" }]
  ],
  "world.stashed": [
    [23, 0, 8389120, 258],
    [9, 0, 8388096, 130, takeWait, { why: "stashed" }],
    [7, 0, 128, 128, takeWait, { why: "stashed" }],
    [4, 0, 112, 128, takeWait, { why: "stashed" }]
  ],
  HEALTHY: [[21, 0, 2097152, 4194304]],
  "socket.alive": [
    [19, current, 524288, 65536],
    [18, current, 262144, 65536],
    [17, current, 131072, 65536]
  ],
  "world.online": [
    [17, canPing, 131072, 262144],
    [16, canPing, 65536, 262144, "ping"],
    [10, dialledOffline, 15872, 3584, { why: "online" }],
    [7, 0, 128, 80, takeWait],
    [5, ownDelay, 32, 64, takeWait]
  ],
  "world.offline": [
    [17, canPing, 131072, 262144],
    [16, canPing, 65536, 262144, "ping"],
    [4, 0, 112, 128, takeWait, { why: "offline" }]
  ],
  "world.visible": [
    [17, canPing, 131072, 262144],
    [16, canPing, 65536, 262144, "ping"],
    [5, ownDelay, 32, 64, takeWait]
  ],
  "world.resumed": [
    [17, canPing, 131072, 262144],
    [16, canPing, 65536, 262144, "ping"],
    [5, ownDelay, 32, 64, takeWait]
  ],
  "world.woke": [
    [17, canPing, 131072, 262144],
    [16, canPing, 65536, 262144, "ping"],
    [5, ownDelay, 32, 64, takeWait]
  ],
  "world.restored": [
    [17, canPing, 131072, 262144],
    [16, canPing, 65536, 262144, "ping"],
    [7, 0, 128, 80, takeWait]
  ],
  "socket.resumed": [[16, canPingCurrent, 65536, 262144, "ping"]],
  "socket.prepared": [[13, current, 9216, 3260416]],
  "socket.opened": [[12, current, 4096, 8192]],
  "socket.resolved": [[11, current, 2048, 4096]],
  RECONNECT: [
    [9, 0, 16776704, 3584, { why: "reconnect" }],
    [8, 0, 258, 3584, forgetFailures, { why: "reconnect" }],
    [1, 0, 254, 3584, { why: "reconnect" }]
  ],
  "policy.retry": [[3, current, 8, 48, takeVerdict]],
  "policy.stop": [[3, current, 8, 256, { why: "refused" }]]
};
const places = {};
const placeOf = (active) => places[active] ?? (places[active] = describe$1(active));
const isActive = (active, state) => (active >> state & 1) !== 0;
function describe$1(active) {
  const keys = names$1.split(" ");
  const value = valueOf(active, 0, keys);
  const [inner] = Object.values(value);
  const state = typeof inner === "string" ? inner : Object.keys(inner)[0];
  const tag = Object.keys(tags).find((name) => (tags[name] & active) !== 0);
  return { active, state, tag, value };
}
function valueOf(active, state, keys) {
  const inside2 = keys.flatMap((_, each) => isActive(active, each) && parents[each] === state ? [each] : []);
  const values = inside2.map((each) => valueOf(active, each, keys));
  const [only] = values;
  if (typeof only === "object" && Object.keys(only).length === 0)
    return keys[inside2[0]];
  return Object.fromEntries(inside2.map((each, at) => [keys[each], values[at]]));
}
class Snapshot {
  constructor(place, context) {
    __publicField(this, "place");
    __publicField(this, "context");
    this.place = place;
    this.context = context;
  }
  get state() {
    return this.place.state;
  }
  get value() {
    return this.place.value;
  }
  hasTag(tag) {
    return this.place.tag === tag;
  }
}
const stopping = -1;
const timeUp = { type: "xstate.after" };
const nobody = [];
class CompiledEngine {
  constructor(port, timers) {
    __privateAdd(this, _CompiledEngine_instances);
    __publicField(this, "snapshot");
    /** Of the event that is being taken, so guards, updates and delays read it here. */
    __publicField(this, "context");
    __publicField(this, "event", timeUp);
    __publicField(this, "status", "active");
    /** The generation of the socket that lives. */
    __publicField(this, "socket");
    __publicField(this, "watchers", nobody);
    __privateAdd(this, _port);
    __privateAdd(this, _timers);
    __privateAdd(this, _observer);
    __privateAdd(this, _waiting);
    __privateAdd(this, _busy, false);
    __privateAdd(this, _spawned, 0);
    /** What was sent while another event was taken. */
    __privateAdd(this, _queue);
    __privateSet(this, _port, port);
    __privateSet(this, _timers, timers);
    this.context = { port, gen: 0, failures: 0, wait: 0, hinted: false, mark: 0, why: "new" };
    this.snapshot = new Snapshot(placeOf(initial), this.context);
  }
  start(observer) {
    __privateSet(this, _observer, observer);
    observer.next(this.snapshot);
  }
  send(event) {
    __privateMethod(this, _CompiledEngine_instances, tell_fn).call(this, "sent", event);
    __privateMethod(this, _CompiledEngine_instances, accept_fn).call(this, event);
  }
  stop() {
    __privateSet(this, _queue, void 0);
    __privateMethod(this, _CompiledEngine_instances, accept_fn).call(this, stopping);
  }
}
_port = new WeakMap();
_timers = new WeakMap();
_observer = new WeakMap();
_waiting = new WeakMap();
_busy = new WeakMap();
_spawned = new WeakMap();
_queue = new WeakMap();
_CompiledEngine_instances = new WeakSet();
accept_fn = function(given) {
  var _a;
  if (__privateGet(this, _observer) === void 0)
    return;
  if (__privateGet(this, _busy)) {
    (__privateGet(this, _queue) ?? __privateSet(this, _queue, [])).push(given);
    return;
  }
  __privateSet(this, _busy, true);
  try {
    for (let next = given; next !== void 0; next = (_a = __privateGet(this, _queue)) == null ? void 0 : _a.shift())
      __privateMethod(this, _CompiledEngine_instances, take_fn).call(this, next);
  } catch (thrown) {
    __privateMethod(this, _CompiledEngine_instances, fail_fn).call(this, thrown);
  } finally {
    __privateSet(this, _busy, false);
    __privateSet(this, _queue, void 0);
  }
};
take_fn = function(given) {
  var _a;
  if (given === stopping)
    __privateMethod(this, _CompiledEngine_instances, end_fn).call(this);
  else if (typeof given === "number")
    __privateMethod(this, _CompiledEngine_instances, react_fn).call(this, timeUp, (_a = delays[given]) == null ? void 0 : _a[1]);
  else
    __privateMethod(this, _CompiledEngine_instances, react_fn).call(this, given, events$1[given.type]);
  __privateMethod(this, _CompiledEngine_instances, tell_fn).call(this, "taken", given);
};
react_fn = function(event, rows) {
  if (rows === void 0)
    return;
  const { active } = this.snapshot.place;
  this.event = event;
  for (const row of rows) {
    const guard = row[1];
    if ((active >> row[0] & 1) === 0 || guard !== 0 && !guard(this))
      continue;
    __privateMethod(this, _CompiledEngine_instances, follow_fn).call(this, row, active);
    return;
  }
};
follow_fn = function(row, active) {
  var _a;
  const left = active & row[2];
  const entered = row[3];
  for (let at = 4; at < row.length; at++)
    __privateMethod(this, _CompiledEngine_instances, act_fn).call(this, row[at]);
  const timers = __privateMethod(this, _CompiledEngine_instances, enter_fn).call(this, entered);
  if (row.length === 4 && entered === 0)
    return;
  this.snapshot = new Snapshot(placeOf(active & ~left | entered), this.context);
  __privateMethod(this, _CompiledEngine_instances, clear_fn).call(this, left);
  if ((left & invoking) !== 0)
    __privateMethod(this, _CompiledEngine_instances, dispose_fn).call(this);
  if ((entered & invoking) !== 0)
    __privateMethod(this, _CompiledEngine_instances, dial_fn).call(this);
  for (let timer = timers; timer !== void 0; ) {
    const { next } = timer;
    __privateMethod(this, _CompiledEngine_instances, set_fn).call(this, timer);
    timer = next;
  }
  (_a = __privateGet(this, _observer)) == null ? void 0 : _a.next(this.snapshot);
};
/** Does what the states do on entry. Returns the timers that they want, in document order. */
enter_fn = function(entered) {
  let first2;
  let last2;
  for (let state = 0, rest = entered; rest !== 0; state++, rest >>= 1) {
    if ((rest & 1) === 0)
      continue;
    const actions = entries[state];
    if (actions !== void 0)
      for (const action of actions)
        __privateMethod(this, _CompiledEngine_instances, act_fn).call(this, action);
    const delay = delays[state];
    if (delay !== void 0) {
      const timer = { state, delay: delay[0](this), handle: void 0, next: void 0 };
      if (last2 === void 0)
        first2 = timer;
      else
        last2.next = timer;
      last2 = timer;
    }
    if ((invoking >> state & 1) !== 0) {
      __privateSet(this, _spawned, socket(this).gen);
      __privateMethod(this, _CompiledEngine_instances, tell_fn).call(this, "spawned", __privateGet(this, _spawned));
    }
  }
  return first2;
};
act_fn = function(action) {
  if (typeof action === "string")
    __privateGet(this, _port).effect(action);
  else
    this.context = { ...this.context, ...typeof action === "function" ? action(this) : action };
};
dial_fn = function() {
  this.socket = __privateGet(this, _spawned);
  __privateMethod(this, _CompiledEngine_instances, tell_fn).call(this, "starting", this.socket);
  __privateGet(this, _port).effect("dial");
  __privateMethod(this, _CompiledEngine_instances, tell_fn).call(this, "started", this.socket);
};
dispose_fn = function() {
  const gen = this.socket;
  if (gen === void 0)
    return;
  this.socket = void 0;
  __privateGet(this, _port).dispose(gen);
  __privateMethod(this, _CompiledEngine_instances, tell_fn).call(this, "stopped", gen);
};
set_fn = function(timer) {
  timer.handle = __privateGet(this, _timers).setTimeout(() => {
    __privateSet(this, _waiting, without(timer, __privateGet(this, _waiting)));
    __privateMethod(this, _CompiledEngine_instances, tell_fn).call(this, "sent", timer.state);
    __privateMethod(this, _CompiledEngine_instances, accept_fn).call(this, timer.state);
  }, timer.delay);
  timer.next = __privateGet(this, _waiting);
  __privateSet(this, _waiting, timer);
};
clear_fn = function(left) {
  for (let timer = __privateGet(this, _waiting); timer !== void 0; timer = timer.next) {
    if ((left >> timer.state & 1) === 0)
      continue;
    __privateSet(this, _waiting, without(timer, __privateGet(this, _waiting)));
    __privateGet(this, _timers).clearTimeout(timer.handle);
  }
};
end_fn = function() {
  __privateSet(this, _observer, void 0);
  __privateSet(this, _queue, void 0);
  this.status = "stopped";
  __privateMethod(this, _CompiledEngine_instances, dispose_fn).call(this);
  __privateMethod(this, _CompiledEngine_instances, clear_fn).call(this, everyState);
};
/** As XState does: the socket is left to the observer. */
fail_fn = function(thrown) {
  const observer = __privateGet(this, _observer);
  __privateSet(this, _observer, void 0);
  __privateSet(this, _queue, void 0);
  this.status = "error";
  __privateMethod(this, _CompiledEngine_instances, clear_fn).call(this, everyState);
  observer == null ? void 0 : observer.error(thrown);
};
tell_fn = function(moment, subject) {
  for (const watcher of this.watchers)
    watcher(moment, subject);
};
const everyState = -1;
function without(timer, list) {
  if (list === void 0 || list === timer)
    return list == null ? void 0 : list.next;
  list.next = without(timer, list.next);
  return list;
}
const compiledEngine = (port, timers) => new CompiledEngine(port, timers);
const none$7 = [];
const few = 8;
class Listeners {
  /** `report` is given what a callback throws, or what the promise it returns rejects with; the next one runs all the same. */
  constructor(report2) {
    __privateAdd(this, _Listeners_instances);
    __privateAdd(this, _entries, none$7);
    __privateAdd(this, _size, 0);
    __privateAdd(this, _report);
    __privateSet(this, _report, report2);
  }
  get size() {
    return __privateGet(this, _size);
  }
  /** One function added twice is two registrations. Returns what removes this one. */
  add(callback) {
    const entry = { callback };
    __privateWrapper(this, _size)._++;
    if (__privateGet(this, _entries).length < few)
      __privateSet(this, _entries, [...__privateGet(this, _entries), entry]);
    else
      __privateGet(this, _entries).push(entry);
    return () => __privateMethod(this, _Listeners_instances, remove_fn).call(this, entry);
  }
  emit(value) {
    const entries2 = __privateGet(this, _entries);
    const { length } = entries2;
    for (let index = 0; index < length; index++)
      __privateMethod(this, _Listeners_instances, call_fn).call(this, entries2[index], value);
  }
  /** Asks for the value before each callback, because the one before may have changed it. `undefined` skips the callback. */
  emitCurrent(current2) {
    const entries2 = __privateGet(this, _entries);
    const { length } = entries2;
    for (let index = 0; index < length; index++) {
      const value = current2();
      if (value !== void 0)
        __privateMethod(this, _Listeners_instances, call_fn).call(this, entries2[index], value);
    }
  }
}
_entries = new WeakMap();
_size = new WeakMap();
_report = new WeakMap();
_Listeners_instances = new WeakSet();
call_fn = function({ callback }, value) {
  try {
    const returned = callback(value);
    if (returned !== void 0)
      onRejection(returned, __privateGet(this, _report));
  } catch (thrown) {
    __privateGet(this, _report).call(this, thrown);
  }
};
remove_fn = function(entry) {
  if (entry.callback === removed)
    return;
  entry.callback = removed;
  __privateWrapper(this, _size)._--;
  const { length } = __privateGet(this, _entries);
  if (__privateGet(this, _size) === 0)
    __privateSet(this, _entries, none$7);
  else if (length <= few || __privateGet(this, _size) * 2 < length)
    __privateSet(this, _entries, __privateGet(this, _entries).filter(isPresent));
};
function removed() {
}
function isPresent({ callback }) {
  return callback !== removed;
}
function complain(error) {
  const scope = globalThis;
  try {
    if (isBrowser(scope) && scope.reportError !== void 0) {
      scope.reportError(error);
      return;
    }
  } catch {
  }
  print(error);
}
function print(error) {
  var _a;
  try {
    ;
    (_a = globalThis.console) == null ? void 0 : _a.error(error);
  } catch {
  }
}
function isBrowser(scope) {
  var _a, _b;
  return ("document" in scope || "WorkerLocation" in scope) && ((_b = (_a = scope.process) == null ? void 0 : _a.versions) == null ? void 0 : _b.node) === void 0;
}
class Events {
  constructor(core) {
    __privateAdd(this, _Events_instances);
    /** By itself, because it is called most. */
    __publicField(this, "messages");
    __privateAdd(this, _lists);
    __privateAdd(this, _core3);
    __privateSet(this, _core3, core);
    this.messages = __privateMethod(this, _Events_instances, make_fn).call(this, "message");
  }
  add(type, listener) {
    return __privateMethod(this, _Events_instances, listOf_fn).call(this, type).add(listener);
  }
  /** Whether anything is to be called. */
  has(type) {
    var _a, _b, _c;
    (_a = __privateGet(this, _core3).listening) == null ? void 0 : _a.prune();
    return (((_c = (_b = __privateGet(this, _lists)) == null ? void 0 : _b[type]) == null ? void 0 : _c.size) ?? 0) > 0;
  }
  emit(type, event) {
    var _a, _b;
    (_b = (_a = __privateGet(this, _lists)) == null ? void 0 : _a[type]) == null ? void 0 : _b.emit(event);
  }
  /** For what may stop being true between two listeners; `undefined`: there is nothing left to say. */
  emitCurrent(type, current2) {
    var _a, _b;
    (_b = (_a = __privateGet(this, _lists)) == null ? void 0 : _a[type]) == null ? void 0 : _b.emitCurrent(current2);
  }
  report(error) {
    if (this.has("error"))
      this.emit("error", error);
    else
      complain(error);
  }
  /** Calls one listener, guarded as those in the lists. */
  call(type, listener, event) {
    const list = __privateMethod(this, _Events_instances, make_fn).call(this, type);
    list.add(listener);
    list.emit(event);
  }
}
_lists = new WeakMap();
_core3 = new WeakMap();
_Events_instances = new WeakSet();
listOf_fn = function(type) {
  if (type === "message")
    return this.messages;
  const lists = __privateGet(this, _lists) ?? __privateSet(this, _lists, {});
  return lists[type] ?? (lists[type] = __privateMethod(this, _Events_instances, make_fn).call(this, type));
};
make_fn = function(type) {
  return new Listeners((thrown) => {
    if (type === "error")
      complain(thrown);
    else
      __privateGet(this, _core3).fail("ERR_LISTENER", `a '${type}' listener`, thrown);
  });
};
const inside = Symbol("inside");
class Face {
  constructor(core) {
    Object.defineProperty(this, inside, { value: () => core });
  }
  get state() {
    return this[inside]().status.state;
  }
  get status() {
    return this[inside]().status;
  }
  get readyState() {
    return this[inside]().status.readyState;
  }
  get url() {
    return this[inside]().lastUrl;
  }
  get protocol() {
    var _a;
    return ((_a = this[inside]().attempt) == null ? void 0 : _a.protocol) ?? "";
  }
  get extensions() {
    var _a;
    return ((_a = this[inside]().attempt) == null ? void 0 : _a.extensions) ?? "";
  }
  get binaryType() {
    return this[inside]().binaryType;
  }
  set binaryType(type) {
    this[inside]().setBinaryType(type);
  }
  open() {
    this[inside]().ask("OPEN");
  }
  close(code, reason) {
    this[inside]().ask("CLOSE", code, reason);
  }
  reconnect(code, reason) {
    this[inside]().ask("RECONNECT", code, reason);
  }
  markHealthy() {
    this[inside]().command("HEALTHY");
  }
  send(message, options2) {
    return this[inside]().outgoing.send(message, options2);
  }
  on(type, listener, options2) {
    const { listening, events: events2 } = this[inside]();
    return listening === void 0 ? events2.add(type, listener) : listening.on(type, listener, options2);
  }
  use(moments) {
    return this[inside]().use(moments);
  }
  /** Vue takes it for an object of the platform, and leaves it as it is: `ref(connection).value === connection`. */
  get [Symbol.toStringTag]() {
    return "Connection";
  }
}
const faces = {};
function faceOf(features, core) {
  const key = features.map(({ name, members = [] }) => `${name} ${members.length}`).join();
  const FaceWithFeatures = faces[key] ?? (faces[key] = withMembers(features, core.featured));
  return new FaceWithFeatures(core);
}
function withMembers(features, parts) {
  class FaceWithFeatures extends Face {
  }
  const { prototype } = FaceWithFeatures;
  features.forEach(({ name, members = [] }, index) => {
    const its = (face) => face[inside]().featured[index];
    for (const member of members) {
      if (Object.hasOwn(prototype, member)) {
        throw makeError("ERR_OPTION", "member-taken", [name, String(member)]);
      }
      const described = descriptorOf(parts[index], member);
      const call = function(...given) {
        return its(this)[member](...given);
      };
      const get = function() {
        return its(this)[member];
      };
      const set = function(given) {
        its(this)[member] = given;
      };
      const accessors = (described == null ? void 0 : described.set) === void 0 ? { get } : { get, set };
      Object.defineProperty(prototype, member, {
        configurable: true,
        ...typeof (described == null ? void 0 : described.value) === "function" ? { value: call } : accessors
      });
    }
  });
  return FaceWithFeatures;
}
function descriptorOf(part, member) {
  for (let each = part; each !== null; each = Object.getPrototypeOf(each)) {
    const found = Object.getOwnPropertyDescriptor(each, member);
    if (found !== void 0)
      return found;
  }
  return void 0;
}
const fullJitterDefaults = { floor: 250, base: 1e3, cap: 3e4 };
function checkRange(factory, base, cap) {
  duration(`${factory}.base`, base, { min: 1 });
  duration(`${factory}.cap`, cap);
  if (cap < base)
    wrongOption(`${factory}.cap`, cap, "too-small", `${factory}.base`, base);
}
function ceiling(attempt, base, cap) {
  return Math.min(cap, base * 2 ** Math.max(0, attempt - 1));
}
function jitter({ attempt, random }, { floor, base, cap } = fullJitterDefaults) {
  return floor + random() * ceiling(attempt, base, cap);
}
function fullJitter(options2 = {}) {
  const defaults2 = fullJitterDefaults;
  const given = bag("fullJitter", options2, ["floor", "base", "cap"]);
  const { floor = defaults2.floor, base = defaults2.base, cap = defaults2.cap } = given;
  duration("fullJitter.floor", floor);
  checkRange("fullJitter", base, cap);
  return (input) => jitter(input, { floor, base, cap });
}
class Retrying {
  constructor(core) {
    __privateAdd(this, _Retrying_instances);
    __privateAdd(this, _core4);
    __privateAdd(this, _previousDelay);
    __privateSet(this, _core4, core);
  }
  /** `undefined`: no attempt follows. `failure`: what the transport knew of the loss. */
  decide(loss, failure) {
    const core = __privateGet(this, _core4);
    let advice = { retry: (failure == null ? void 0 : failure.fatal) !== true, asked: 0, floor: 0 };
    core.each("onLoss", (part) => {
      const given = part.onLoss(loss, failure);
      if (given !== void 0 && "retry" in given)
        advice = given;
      return given;
    });
    if ((failure == null ? void 0 : failure.error.code) === "ERR_REFUSED")
      return void 0;
    const byProfile = __privateMethod(this, _Retrying_instances, ask_fn).call(this, "heartbeat.retry", core.heartbeat.retry, loss, advice.retry);
    if (!__privateMethod(this, _Retrying_instances, ask_fn).call(this, "retry", core.options.retry, loss, byProfile))
      return void 0;
    const { asked, floor } = advice;
    const own = __privateMethod(this, _Retrying_instances, backoff_fn).call(this, loss);
    __privateSet(this, _previousDelay, own);
    core.notBefore = core.timers.now() + floor;
    return { delay: Math.max(asked + own, floor), hinted: floor >= own && floor > 0 };
  }
}
_core4 = new WeakMap();
_previousDelay = new WeakMap();
_Retrying_instances = new WeakSet();
ask_fn = function(what, retry, loss, byDefault) {
  if (retry === void 0)
    return byDefault;
  try {
    const answer = retry({ ...loss, byDefault });
    if (typeof answer === "boolean")
      return answer;
    onRejection(answer, ignore);
    if (answer !== void 0)
      throw new TypeError(explain("ERR_POLICY", "not-a-decision", [what, typeof answer]));
  } catch (thrown) {
    __privateGet(this, _core4).fail("ERR_POLICY", what, thrown);
  }
  return byDefault;
};
backoff_fn = function({ attempt, serverDelay: serverDelay2 }) {
  const core = __privateGet(this, _core4);
  const { backoff = jitter } = core.options;
  const previous = attempt === 1 ? void 0 : __privateGet(this, _previousDelay);
  const input = { attempt, previous, serverDelay: serverDelay2, random: () => core.random() };
  try {
    const delay = backoff(input);
    if (typeof delay === "number" && delay >= 0)
      return delay;
    onRejection(delay, ignore);
    throw new TypeError(explain("ERR_POLICY", "not-a-delay", [String(delay)]));
  } catch (thrown) {
    core.fail("ERR_POLICY", "backoff", thrown);
  }
  return jitter(input);
};
const slice = { messages: 1024, size: 1 << 20 };
class Outgoing {
  constructor(core) {
    __privateAdd(this, _Outgoing_instances);
    /** Messages handed to sockets so far. */
    __publicField(this, "sent", 0);
    __privateAdd(this, _core5);
    __privateSet(this, _core5, core);
  }
  /** The socket of this attempt takes messages, as far as we know. */
  get link() {
    const { attempt } = __privateGet(this, _core5);
    return (attempt == null ? void 0 : attempt.ready) === true ? attempt : void 0;
  }
  /** Throws `ERR_DATA`, `ERR_ENCODE` or `ERR_QUEUE_FULL`; then nothing was accepted. */
  send(message, options2) {
    var _a;
    const core = __privateGet(this, _core5);
    core.mustAccept("send()");
    if (options2 !== void 0)
      for (const part of core.parts)
        (_a = part.onSend) == null ? void 0 : _a.call(part, options2);
    const data = this.encode(message);
    if (core.codec !== void 0)
      core.mustAccept("send()");
    if (core.queue.size === 0) {
      const link = this.link;
      if (link !== void 0 && !this.isFull) {
        const written = this.write(link, message, data, options2);
        if (written === true)
          return "sent";
        if (written !== false)
          throw written;
      }
    }
    return __privateMethod(this, _Outgoing_instances, wait_fn).call(this, message, data, options2);
  }
  /** The link, if a message may go straight to it: nothing waits, and there is room. */
  get open() {
    const { queue } = __privateGet(this, _core5);
    if (queue.size > 0 && queue.size <= slice.messages && !this.isFull)
      this.flush();
    return queue.size > 0 || this.isFull ? void 0 : this.link;
  }
  get isFull() {
    const { link } = this;
    return link !== void 0 && __privateGet(this, _core5).isFull(link);
  }
  keep(message, given, options2) {
    var _a;
    const core = __privateGet(this, _core5);
    const data = snapshot(given);
    const result = core.queue.push({ data, message: core.codec === void 0 ? data : message, options: options2 });
    if (this.link !== void 0)
      (_a = core.pressure) == null ? void 0 : _a.start();
    return result;
  }
  /** Sends what waits, as far as the socket has room, and no more than a slice, unless nothing would go on with the next one. */
  flush() {
    const { queue, pressure } = __privateGet(this, _core5);
    let [messages, size] = [0, 0];
    for (let entry = queue.peek(); entry !== void 0; entry = queue.peek()) {
      const { link } = this;
      if (link === void 0 || this.isFull)
        return "full";
      if (pressure !== void 0 && (messages >= slice.messages || size >= slice.size))
        return "more";
      const written = this.write(link, entry.message, entry.data, entry.options);
      if (written === false)
        return "full";
      messages++;
      size += quickSize(entry.data);
      queue.shift();
      if (written !== true)
        this.drop(entry, "refused");
    }
    return "done";
  }
  /** Accepted, and given up. It is told when the turn is over. */
  drop({ message, options: options2 }, reason) {
    const core = __privateGet(this, _core5);
    core.tell(() => {
      if (options2 !== void 0)
        core.each("onDropped", (part) => part.onDropped(message, options2, reason));
      core.events.emit("dropped", { data: message, reason });
    });
  }
  encode(message) {
    const { codec: codec2 } = __privateGet(this, _core5);
    if (codec2 === void 0)
      return __privateGet(this, _core5).check(message);
    let data;
    try {
      data = codec2.encode(message);
    } catch (cause) {
      throw makeError("ERR_ENCODE", "encode-threw", [], { cause });
    }
    return __privateGet(this, _core5).check(data);
  }
  /** False: the socket is not open. An error: it is, and does not take this message. */
  write(link, message, data, options2) {
    const core = __privateGet(this, _core5);
    const { framing } = core;
    const size = quickSize(data);
    link.messages++;
    link.bytes += size;
    try {
      if (framing === void 0)
        link.socket.send(data);
      else
        link.sendNow(framing.outgoing(data));
    } catch (thrown) {
      link.messages--;
      link.bytes -= size;
      if (!isConnectionError(thrown)) {
        return makeError("ERR_DATA", "data-refused", [], { cause: thrown });
      }
      if (thrown.code !== "ERR_TRANSPORT")
        return thrown;
      link.ready = false;
      return false;
    }
    this.sent++;
    if (options2 !== void 0)
      core.each("onWritten", (part) => part.onWritten(message, options2, link));
    return true;
  }
}
_core5 = new WeakMap();
_Outgoing_instances = new WeakSet();
wait_fn = function(message, data, options2) {
  let result = "queued";
  __privateGet(this, _core5).turn(() => {
    const link = this.open;
    const written = link !== void 0 && this.write(link, message, data, options2);
    if (written === true)
      result = "sent";
    else if (written === false)
      result = this.keep(message, data, options2);
    else
      throw written;
  });
  return result;
};
const none$6 = [];
class CountedQueue {
  constructor(core, limit) {
    __privateAdd(this, _core6);
    __privateAdd(this, _limit);
    __privateAdd(this, _entries2, none$6);
    __privateAdd(this, _head, 0);
    __privateSet(this, _core6, core);
    __privateSet(this, _limit, limit);
  }
  get size() {
    return __privateGet(this, _entries2).length - __privateGet(this, _head);
  }
  push(entry) {
    if (this.size >= __privateGet(this, _limit)) {
      throw makeError("ERR_QUEUE_FULL", "queue-count", [this.size]);
    }
    if (__privateGet(this, _entries2) === none$6)
      __privateSet(this, _entries2, [entry]);
    else
      __privateGet(this, _entries2).push(entry);
    return "queued";
  }
  peek() {
    return __privateGet(this, _entries2)[__privateGet(this, _head)];
  }
  shift() {
    __privateWrapper(this, _head)._++;
    if (__privateGet(this, _head) * 2 < __privateGet(this, _entries2).length)
      return;
    __privateSet(this, _entries2, this.size === 0 ? none$6 : __privateGet(this, _entries2).slice(__privateGet(this, _head)));
    __privateSet(this, _head, 0);
  }
  clear(reason) {
    for (let entry; entry = this.peek(); this.shift())
      __privateGet(this, _core6).outgoing.drop(entry, reason);
  }
}
_core6 = new WeakMap();
_limit = new WeakMap();
_entries2 = new WeakMap();
_head = new WeakMap();
const readyStates = { connecting: 0, open: 1, closing: 2 };
const resting = ["idle", "closing", "ended"];
function statusOf(snapshot2, loss, timers) {
  var _a;
  const { failures, why, wait: wait2, hinted } = snapshot2.context;
  const state = snapshot2.state;
  const status = {
    state,
    readyState: readyStates[state] ?? 3,
    willRetry: !resting.includes(state),
    why,
    attempt: failures + 1,
    retryAt: void 0,
    loss
  };
  const { live } = snapshot2.value;
  if (state === "connecting")
    status.phase = live == null ? void 0 : live.connecting;
  else if (state === "open")
    status.stable = ((_a = live == null ? void 0 : live.open) == null ? void 0 : _a.stability) === "stable";
  else if (state === "backoff" || state === "suspended") {
    Object.assign(status, { delay: wait2, retryAt: timers.wall() + wait2, hinted });
  }
  return status;
}
function isSame(one, other) {
  return Object.entries(one).every(([name, value]) => name === "retryAt" || value === other[name]);
}
function brokenStatus({ attempt, loss }) {
  return Object.freeze({
    state: "ended",
    readyState: 3,
    willRetry: false,
    why: "internal",
    retryAt: void 0,
    attempt,
    loss
  });
}
const none$5 = [];
class TaskQueue {
  constructor() {
    __privateAdd(this, _tasks, none$5);
    __privateAdd(this, _busy2, false);
  }
  /** For a turn that runs now. */
  enqueue(task) {
    if (__privateGet(this, _tasks) === none$5)
      __privateSet(this, _tasks, [task]);
    else
      __privateGet(this, _tasks).push(task);
  }
  /** Runs `work`, then what it enqueued. */
  turn(work) {
    const outermost = this.begin();
    try {
      work();
    } finally {
      this.end(outermost);
    }
  }
  /** A turn without a closure, for what happens often: it lasts until `end` is given what this returns. */
  begin() {
    const outermost = !__privateGet(this, _busy2);
    __privateSet(this, _busy2, true);
    return outermost;
  }
  end(outermost) {
    if (!outermost)
      return;
    while (__privateGet(this, _tasks).length > 0) {
      const tasks = __privateGet(this, _tasks);
      __privateSet(this, _tasks, none$5);
      for (const task of tasks) {
        try {
          task();
        } catch (thrown) {
          this.fail("ERR_INTERNAL", "a task of statewire", thrown);
        }
      }
    }
    __privateSet(this, _busy2, false);
  }
  /** Runs `task` after everything that was enqueued before, at once if no turn is under way. */
  tell(task) {
    const outermost = this.begin();
    this.enqueue(task);
    this.end(outermost);
  }
  /** Reports what the app gave us and threw. */
  fail(code, what, cause) {
    const error = makeError(code, "failed", [what], { cause });
    this.tell(() => this.report(error));
  }
}
_tasks = new WeakMap();
_busy2 = new WeakMap();
const none$4 = [];
const roles = [
  "codec",
  "framing",
  "queue",
  "heartbeat",
  "preparation",
  "patience",
  "address",
  "listening",
  "pressure",
  "environment",
  "zone"
];
class Featured extends TaskQueue {
  constructor() {
    super(...arguments);
    __privateAdd(this, _Featured_instances);
    /** The parts of the features, in their order, and those that came later. */
    __publicField(this, "parts", none$4);
    /** As many as there are features. */
    __publicField(this, "featured", none$4);
    // Roles.
    __publicField(this, "codec");
    __publicField(this, "framing");
    __publicField(this, "queue");
    __publicField(this, "heartbeat");
    __publicField(this, "preparation");
    __publicField(this, "patience");
    __publicField(this, "address");
    __publicField(this, "listening");
    __publicField(this, "pressure");
    __publicField(this, "environment");
    __publicField(this, "zone");
    /** Those that take part in receiving: most connections have none. */
    __publicField(this, "interceptors");
    __publicField(this, "recipients");
    __publicField(this, "fullness");
    __privateAdd(this, _names, none$4);
  }
  /** Gives each feature its part. Throws `ERR_OPTION` for features that don't go together. */
  attachAll(features, core) {
    for (const feature of features)
      __privateMethod(this, _Featured_instances, attach_fn).call(this, feature, features, core);
    this.featured = this.parts;
    __privateSet(this, _names, features.map(({ name }) => name));
  }
  /** Adds moments for a layer that comes later. Returns what removes them. */
  use(moments) {
    __privateMethod(this, _Featured_instances, listen_fn).call(this, [...this.parts, moments]);
    let isUsed = true;
    return () => {
      if (!isUsed)
        return;
      isUsed = false;
      const at = this.parts.lastIndexOf(moments);
      __privateMethod(this, _Featured_instances, listen_fn).call(this, this.parts.filter((_, index) => index !== at));
    };
  }
  /** Asks each part that has this moment. One that throws is reported, and the next is asked. */
  each(moment, ask) {
    for (const part of this.parts) {
      if (part[moment] === void 0 || !this.parts.includes(part))
        continue;
      try {
        __privateMethod(this, _Featured_instances, noPromise_fn).call(this, moment, ask(part));
      } catch (thrown) {
        this.fail("ERR_LISTENER", moment, thrown);
      }
    }
  }
  /** `each` for what comes with every message: whether one answered `true`, after which no other is asked. */
  any(moment, parts, message, data) {
    const before = this.parts;
    for (const part of parts) {
      if (before !== this.parts && !this.parts.includes(part))
        continue;
      try {
        const answer = part[moment](message, data);
        if (answer === true && moment !== "onDelivered")
          return true;
        __privateMethod(this, _Featured_instances, noPromise_fn).call(this, moment, answer);
      } catch (thrown) {
        this.fail("ERR_LISTENER", moment, thrown);
      }
    }
    return false;
  }
  /** What a feature of this name does for this connection. */
  part(name) {
    return this.featured[__privateGet(this, _names).indexOf(name)];
  }
}
_names = new WeakMap();
_Featured_instances = new WeakSet();
attach_fn = function(feature, all, core) {
  const { name, needs = none$4 } = feature;
  const before = all.slice(0, all.indexOf(feature)).map((each) => each.name);
  for (const need of needs)
    if (!before.includes(need))
      throw makeError("ERR_OPTION", "feature-missing", [name, need]);
  const part = feature.attach(core);
  for (const role of roles) {
    if (part[role] === void 0)
      continue;
    if (this[role] !== void 0)
      throw makeError("ERR_OPTION", "role-taken", [name, role]);
    this[role] = part[role];
  }
  this.use(part);
};
/** Nobody waits for the answer of a moment, so what it rejects with is reported. */
noPromise_fn = function(moment, answer) {
  if (typeof answer === "object")
    onRejection(answer, (thrown) => this.fail("ERR_LISTENER", moment, thrown));
};
listen_fn = function(parts) {
  const having = (moment) => {
    const found = parts.filter((each) => each[moment] !== void 0);
    return found.length > 0 ? found : void 0;
  };
  this.parts = parts;
  this.interceptors = having("onMessage");
  this.recipients = having("onDelivered");
  this.fullness = having("isFull");
};
const plainClock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (handle) => clearTimeout(handle)
};
const longest = 2 ** 31 - 1;
const none$3 = [];
class Timers {
  /** `unref`: whether a waiting timer lets a Node process exit. */
  constructor(clock, unref2, core) {
    __privateAdd(this, _Timers_instances);
    __privateAdd(this, _clock);
    __privateAdd(this, _unref);
    __privateAdd(this, _core7);
    /** A few at most, so a list is quicker than a set, and lighter. */
    __privateAdd(this, _waiting2, none$3);
    __privateAdd(this, _late, 0);
    __privateSet(this, _clock, clock ?? plainClock);
    __privateSet(this, _unref, unref2);
    __privateSet(this, _core7, core);
  }
  /** By how much the callback that runs now missed its time: a blocked event loop is not a dead link. Milliseconds. */
  get late() {
    return __privateGet(this, _late);
  }
  now() {
    return __privateGet(this, _clock).now();
  }
  wall() {
    return __privateGet(this, _clock).wall();
  }
  setTimeout(callback, delay) {
    const timer = { callback, due: this.now() + Math.max(0, delay), handle: void 0, waits: true };
    __privateSet(this, _waiting2, [...__privateGet(this, _waiting2), timer]);
    __privateMethod(this, _Timers_instances, arm_fn).call(this, timer, delay);
    return timer;
  }
  clearTimeout(timer) {
    if ((timer == null ? void 0 : timer.waits) !== true)
      return;
    __privateMethod(this, _Timers_instances, forget_fn).call(this, timer);
    if (timer.handle !== void 0)
      __privateGet(this, _clock).clearTimeout(timer.handle);
  }
  clear() {
    for (const timer of __privateGet(this, _waiting2))
      this.clearTimeout(timer);
  }
}
_clock = new WeakMap();
_unref = new WeakMap();
_core7 = new WeakMap();
_waiting2 = new WeakMap();
_late = new WeakMap();
_Timers_instances = new WeakSet();
forget_fn = function(timer) {
  timer.waits = false;
  __privateSet(this, _waiting2, __privateGet(this, _waiting2).filter((each) => each !== timer));
};
arm_fn = function(timer, delay) {
  var _a, _b;
  if (delay === Infinity)
    return;
  const isPartial = delay > longest;
  timer.handle = __privateGet(this, _clock).setTimeout(() => __privateMethod(this, _Timers_instances, expire_fn).call(this, timer, isPartial), Math.min(Math.max(0, delay), longest));
  if (__privateGet(this, _unref))
    (_b = (_a = timer.handle) == null ? void 0 : _a.unref) == null ? void 0 : _b.call(_a);
};
/** `isPartial`: only then is the time asked before the callback, because a test may move timers and leave the clock alone. */
expire_fn = function(timer, isPartial) {
  if (!timer.waits)
    return;
  const late = this.now() - timer.due;
  if (isPartial && late <= -1)
    return __privateMethod(this, _Timers_instances, arm_fn).call(this, timer, -late);
  __privateMethod(this, _Timers_instances, forget_fn).call(this, timer);
  const outermost = __privateGet(this, _core7).begin();
  __privateSet(this, _late, late);
  try {
    timer.callback();
  } finally {
    __privateSet(this, _late, 0);
    __privateGet(this, _core7).end(outermost);
  }
};
const none$2 = [];
class Core extends Featured {
  constructor(url, options2) {
    var _a;
    super();
    __privateAdd(this, _Core_instances);
    __publicField(this, "url");
    __publicField(this, "options");
    __publicField(this, "timers");
    __publicField(this, "events");
    __publicField(this, "outgoing");
    __publicField(this, "engine");
    __publicField(this, "face");
    // Of the heartbeat, for each message.
    __publicField(this, "classify");
    __publicField(this, "anyProves");
    __publicField(this, "withholds");
    /** The attempt or link that lives. */
    __publicField(this, "attempt");
    /** The same object until something changes. */
    __publicField(this, "status");
    /** Messages and control frames so far; those of them that were none of the app's; answers to pings. */
    __publicField(this, "received", 0);
    __publicField(this, "beats", 0);
    __publicField(this, "pongs", 0);
    /** We are not reading, so silence proves nothing. */
    __publicField(this, "paused", false);
    __publicField(this, "binaryType");
    /** Of the present or last attempt; '' before the first. */
    __publicField(this, "lastUrl");
    /** Until then the server wants to be left alone. */
    __publicField(this, "notBefore", -Infinity);
    /** When the present wait is over, on the clock that is never set. */
    __publicField(this, "waitEnds", 0);
    /** A defect of the chart that has ended the connection. */
    __publicField(this, "broken");
    __privateAdd(this, _snapshot);
    /** What the chart asked for in this turn. */
    __privateAdd(this, _effects, none$2);
    /** The attempt that was disposed of in this turn. */
    __privateAdd(this, _left);
    /** The one that is over and not yet told: while its loss is decided on, nothing can be said of what follows. */
    __privateAdd(this, _ended);
    __privateAdd(this, _loss);
    __privateAdd(this, _failure);
    __privateAdd(this, _extra);
    __privateAdd(this, _closeArguments);
    __privateAdd(this, _retrying, new Retrying(this));
    this.url = url;
    this.options = options2;
    this.lastUrl = typeof url === "string" ? url : "";
    this.binaryType = options2.binaryType ?? "arraybuffer";
    this.events = new Events(this);
    this.outgoing = new Outgoing(this);
    this.timers = new Timers(options2.clock, options2.unref === true, this);
    this.engine = (options2.engine ?? compiledEngine)(new ChartHost(this), this.timers);
    __privateSet(this, _snapshot, this.engine.snapshot);
    this.status = Object.freeze(statusOf(__privateGet(this, _snapshot), void 0, this.timers));
    this.engine.start(this);
    const { features = none$2 } = options2;
    this.attachAll(features, this);
    this.face = faceOf(features, this);
    this.queue ?? (this.queue = new CountedQueue(this, options2.queue ?? 1e3));
    if (options2.heartbeat !== void 0 || this.heartbeat === void 0)
      this.heartbeat = options2.heartbeat ?? plainPing;
    const { recognise, proof, withhold } = this.heartbeat;
    this.classify = recognise;
    this.anyProves = proof === "any";
    this.withholds = withhold !== false;
    for (const part of this.parts)
      (_a = part.onReady) == null ? void 0 : _a.call(part);
    if (options2.autoOpen !== false && this.status.state === "idle")
      this.command("OPEN");
  }
  // Commands of the app, events of the socket.
  command(type, close) {
    if (this.broken && (type === "OPEN" || type === "RECONNECT"))
      throw this.broken;
    this.turn(() => {
      if (close !== void 0)
        __privateSet(this, _closeArguments, close);
      this.chart({ type });
    });
  }
  /** A command of the app. A second `close` changes nothing, nor the code of the first. */
  ask(type, code, reason) {
    var _a;
    for (const part of this.parts)
      (_a = part.onCommand) == null ? void 0 : _a.call(part, type, code, reason);
    if (type !== "CLOSE" || this.status.state !== "closing")
      this.command(type, type === "OPEN" ? void 0 : { code, reason });
  }
  setBinaryType(type) {
    var _a;
    this.binaryType = type;
    const socket2 = (_a = this.attempt) == null ? void 0 : _a.socket;
    if (socket2 !== void 0)
      socket2.binaryType = type;
  }
  /** An event for the chart. */
  chart(event) {
    if (this.broken !== void 0)
      return;
    const outermost = this.begin();
    try {
      this.engine.send(event);
    } finally {
      this.end(outermost);
    }
  }
  /** How long an answer to a ping may take on this link. Milliseconds. */
  get timeout() {
    var _a;
    return this.heartbeat.timeout * (((_a = this.patience) == null ? void 0 : _a.factor) ?? 1);
  }
  get gen() {
    return __privateGet(this, _snapshot).context.gen;
  }
  /** Throws `ERR_ENDED` if the connection is closing or has ended. */
  mustAccept(call) {
    const { state } = this.status;
    if (state === "ended" || state === "closing")
      throw this.over(call);
  }
  /** Throws `ERR_DATA` for what no WebSocket can carry. */
  check(data) {
    try {
      return checkData(data);
    } catch (thrown) {
      silence(data);
      throw thrown;
    }
  }
  isFull({ socket: socket2 }) {
    var _a;
    const { fullness } = this;
    return ((_a = this.pressure) == null ? void 0 : _a.isOver(socket2)) === true || fullness !== void 0 && this.any("isFull", fullness);
  }
  // Receiving.
  /** From framing and codec to interceptors and listeners. */
  deliver(data) {
    const { framing, codec: codec2 } = this;
    let payload = data;
    let message = data;
    if (framing !== void 0 || codec2 !== void 0) {
      try {
        if (framing !== void 0 && (payload = framing.incoming(data)) === void 0)
          return;
        message = codec2 === void 0 ? payload : codec2.decode(payload);
      } catch (thrown) {
        this.fail("ERR_DECODE", "codec.decode", thrown);
        return;
      }
    }
    const { interceptors } = this;
    if (interceptors !== void 0 && this.any("onMessage", interceptors, message))
      return;
    this.events.messages.emit(message);
    const { recipients } = this;
    if (recipients !== void 0)
      this.any("onDelivered", recipients, message, payload);
  }
  // What the chart says.
  /** To be done when the turn is over. */
  effect(name) {
    __privateSet(this, _effects, [...__privateGet(this, _effects), name]);
  }
  /** Inside a turn, and the one thing that is not put off: a socket lives exactly as long as a state. */
  dispose(gen) {
    var _a, _b, _c;
    const { attempt } = this;
    if ((attempt == null ? void 0 : attempt.gen) !== gen)
      return;
    this.attempt = void 0;
    __privateSet(this, _left, attempt);
    attempt.abandon(((_a = __privateGet(this, _closeArguments)) == null ? void 0 : _a.code) ?? abandonCode, ((_b = __privateGet(this, _closeArguments)) == null ? void 0 : _b.reason) ?? "");
    (_c = this.pressure) == null ? void 0 : _c.stop();
  }
  /** The chart has taken an event. Everything here is ours; what is not is enqueued. */
  next(snapshot2) {
    const last2 = __privateGet(this, _snapshot);
    __privateSet(this, _snapshot, snapshot2);
    const { state } = snapshot2;
    __privateMethod(this, _Core_instances, noteEnd_fn).call(this, snapshot2, state === "deciding");
    const before = this.status;
    if (state !== "deciding")
      __privateMethod(this, _Core_instances, refreshStatus_fn).call(this, snapshot2, last2);
    const { status } = this;
    const effects = __privateGet(this, _effects);
    __privateSet(this, _effects, none$2);
    const ended = __privateGet(this, _ended);
    if (effects.includes("settle"))
      __privateMethod(this, _Core_instances, settle_fn).call(this);
    if (ended !== void 0 && state !== "deciding") {
      __privateSet(this, _ended, void 0);
      this.enqueue(() => __privateMethod(this, _Core_instances, tellClose_fn).call(this, ended));
    }
    if (status !== before)
      this.enqueue(() => __privateMethod(this, _Core_instances, tellState_fn).call(this, status));
    const { gen } = snapshot2.context;
    for (const effect of effects)
      if (effect !== "settle")
        this.enqueue(() => __privateMethod(this, _Core_instances, perform_fn).call(this, effect, gen));
  }
  /** Sends what waits and may go; while closing, then starts the closing handshake. For a feature that was full or not ready to close. */
  flush() {
    const { attempt } = this;
    if (attempt === void 0)
      return "done";
    return __privateGet(this, _snapshot).state === "closing" ? __privateMethod(this, _Core_instances, startClosing_fn).call(this, attempt) : this.outgoing.flush();
  }
  /** From 0 up to but not including 1. */
  random() {
    const { random = Math.random } = this.options;
    try {
      const number = random();
      if (typeof number === "number" && number >= 0 && number < 1)
        return number;
      onRejection(number, ignore);
      throw new RangeError(explain("ERR_ENVIRONMENT", "not-random", [String(number)]));
    } catch (thrown) {
      this.fail("ERR_ENVIRONMENT", "random", thrown);
      return Math.random();
    }
  }
  report(error) {
    this.events.report(error);
  }
  /** The `ERR_ENDED` for a call that comes too late, or that nothing can answer. */
  over(what) {
    return endedError(what, this.status, this.broken);
  }
  /** The chart itself has failed, which should not be possible. The engine leaves the socket alone then, so it is ours to drop. */
  error(thrown) {
    if (this.broken !== void 0)
      return;
    const error = this.broken = makeError("ERR_INTERNAL", "defect", [], { cause: thrown });
    const { attempt } = this;
    if (attempt !== void 0)
      this.dispose(attempt.gen);
    __privateSet(this, _effects, none$2);
    const status = this.status = brokenStatus(this.status);
    this.tell(() => {
      attempt == null ? void 0 : attempt.release();
      this.engine.stop();
      this.timers.clear();
      this.report(error);
      __privateMethod(this, _Core_instances, tellState_fn).call(this, status);
      __privateMethod(this, _Core_instances, settle_fn).call(this);
    });
  }
}
_snapshot = new WeakMap();
_effects = new WeakMap();
_left = new WeakMap();
_ended = new WeakMap();
_loss = new WeakMap();
_failure = new WeakMap();
_extra = new WeakMap();
_closeArguments = new WeakMap();
_retrying = new WeakMap();
_Core_instances = new WeakSet();
refreshStatus_fn = function(snapshot2, last2) {
  const { context, state } = snapshot2;
  if (state === "connecting" && context.why === "open")
    __privateSet(this, _loss, void 0);
  const status = statusOf(snapshot2, __privateGet(this, _loss), this.timers);
  const waitsAnew = state === "suspended" && context !== last2.context && status.retryAt !== this.status.retryAt;
  if (!waitsAnew && context.gen === last2.context.gen && isSame(status, this.status))
    return;
  this.status = Object.freeze(status);
  this.waitEnds = this.timers.now() + context.wait;
};
/** Why the attempt that was disposed of in this turn is over: the chart says it only when the turn is done. */
noteEnd_fn = function({ context: { why, failures } }, deciding) {
  var _a;
  const attempt = __privateGet(this, _left);
  if (attempt === void 0)
    return;
  __privateSet(this, _left, void 0);
  const { close, error: cause } = describeEnd(attempt, why, __privateGet(this, _closeArguments));
  const end = { attempt, why, close, answered: why === "close" && attempt.answered };
  const extra = {};
  this.each("onEnd", (part) => {
    const added = part.onEnd(end);
    Object.assign(extra, added);
    return added;
  });
  const { error = cause, serverDelay: serverDelay2, ...rest } = extra;
  const loss = {
    close,
    error,
    status: (_a = attempt.failure) == null ? void 0 : _a.status,
    serverDelay: serverDelay2,
    attempt: deciding ? failures : this.status.attempt
  };
  __privateSet(this, _ended, { ...loss, extra: rest });
  __privateSet(this, _extra, rest);
  if (deciding) {
    __privateSet(this, _loss, loss);
    __privateSet(this, _failure, attempt.failure);
  }
  this.enqueue(() => attempt.release());
};
settle_fn = function() {
  this.queue.clear("ended");
  this.each("onSettled", (part) => part.onSettled());
};
/** An effect of a generation or a state that is gone by now is not wanted any more. */
perform_fn = function(effect, gen) {
  var _a;
  if (this.gen !== gen)
    return;
  const { attempt } = this;
  const state = __privateGet(this, _snapshot).state;
  const isOpen = state === "open";
  if (effect === "dial") {
    if (!__privateGet(this, _snapshot).hasTag("CLOSED"))
      __privateMethod(this, _Core_instances, dial_fn2).call(this, gen);
  } else if (effect === "judge") {
    if (state === "deciding")
      __privateMethod(this, _Core_instances, decide_fn).call(this, gen);
  } else if (attempt === void 0) ;
  else if (effect === "prepare") {
    if (state === "connecting")
      attempt.prepare();
  } else if (effect === "announceOpen") {
    if (isOpen)
      __privateMethod(this, _Core_instances, open_fn).call(this, attempt);
    else if (state === "closing")
      __privateMethod(this, _Core_instances, link_fn).call(this, attempt);
  } else if (effect === "ping") {
    attempt.pinged = true;
    if (isOpen)
      attempt.ping();
  } else if (effect === "watch") {
    if (isOpen)
      (_a = this.patience) == null ? void 0 : _a.watch();
  } else if (state === "closing")
    __privateMethod(this, _Core_instances, startClosing_fn).call(this, attempt);
};
dial_fn2 = function(gen) {
  __privateSet(this, _closeArguments, void 0);
  const attempt = this.attempt = new Attempt(gen, this);
  const start = () => soon(() => {
    if (this.attempt === attempt)
      void attempt.start();
  });
  if (this.zone === void 0)
    start();
  else
    this.zone.outside(start);
};
/** What goes before the queue, then the queue: acceptance order holds, also against what a listener of `open` sends. */
link_fn = function(attempt) {
  const { outgoing } = this;
  const send = (message) => {
    const written = outgoing.write(attempt, message, outgoing.encode(message), void 0);
    if (typeof written === "object")
      throw written;
  };
  this.each("onLinked", (part) => part.onLinked({ send }));
  attempt.ready = true;
  outgoing.flush();
};
open_fn = function(attempt) {
  var _a, _b;
  const waited = this.queue.size > 0;
  const unread = ((_a = attempt.preparation) == null ? void 0 : _a.end()) ?? none$2;
  __privateMethod(this, _Core_instances, link_fn).call(this, attempt);
  const { url, protocol, extensions, prepared } = attempt;
  this.events.emit("open", { url, protocol, extensions, attempt: this.status.attempt, prepared });
  if (this.attempt !== attempt)
    return;
  (_b = this.pressure) == null ? void 0 : _b.opened(waited);
  attempt.preparation = void 0;
  for (const frame of unread)
    if (this.attempt === attempt)
      this.deliver(frame);
};
/** What was accepted goes first, and the chart's deadline is over both; unless there is nowhere for it to go. */
startClosing_fn = function(attempt) {
  var _a, _b, _c, _d;
  if (!attempt.wanted)
    return "done";
  const flushed = this.outgoing.flush();
  if (attempt.ready && (flushed !== "done" || !__privateGet(this, _Core_instances, mayClose_get))) {
    (_a = this.pressure) == null ? void 0 : _a.start();
    return flushed;
  }
  (_b = this.pressure) == null ? void 0 : _b.stop();
  attempt.startClosing((_c = __privateGet(this, _closeArguments)) == null ? void 0 : _c.code, (_d = __privateGet(this, _closeArguments)) == null ? void 0 : _d.reason);
  return "done";
};
mayClose_get = function() {
  let may = true;
  this.each("mayClose", (part) => {
    const answer = part.mayClose();
    may && (may = answer !== false);
    return answer;
  });
  return may;
};
// Whether to try again, and when.
decide_fn = function(gen) {
  if (__privateGet(this, _loss) === void 0)
    return;
  const decision = __privateGet(this, _retrying).decide(__privateGet(this, _loss), __privateGet(this, _failure));
  if (decision === void 0)
    return this.chart({ type: "policy.stop", gen });
  this.chart({ type: "policy.retry", gen, ...decision });
  const { status } = this;
  if (status.state === "backoff")
    this.enqueue(() => __privateMethod(this, _Core_instances, tellBackoff_fn).call(this, status));
};
// What is told. A listener may close, open or reconnect. What an event says of the future is therefore taken from the status at
// the moment when a listener is called; as long as that is the same, so is the event.
tellClose_fn = function({ close, extra, ...loss }) {
  const event = remember((now) => {
    const delay = "delay" in now ? now.delay : now.willRetry ? 0 : void 0;
    return { ...close, ...loss, willRetry: now.willRetry, delay, ...extra };
  });
  this.events.emitCurrent("close", () => event(this.status));
};
tellState_fn = function(status) {
  this.each("onState", (part) => part.onState(status.state));
  this.events.emitCurrent("state", () => status === this.status ? status : void 0);
};
tellBackoff_fn = function({ loss }) {
  const extra = __privateGet(this, _extra);
  const event = remember((now) => {
    if (!("delay" in now) || now.loss === void 0 || now.loss !== loss)
      return void 0;
    const { attempt, delay, retryAt, hinted } = now;
    const { close, error, serverDelay: serverDelay2 } = now.loss;
    return { attempt, delay, retryAt, hinted, serverDelay: serverDelay2, close, error, ...extra };
  });
  this.events.emitCurrent("backoff", () => event(this.status));
};
function readClock(clock, which) {
  const time = clock[which]();
  if (typeof time === "number" && Number.isFinite(time))
    return time;
  onRejection(time, ignore);
  throw new TypeError(explain("ERR_ENVIRONMENT", "not-a-time", [which, typeof time === "number" ? String(time) : typeof time]));
}
function setTimer(clock, callback, delay) {
  const handle = clock.setTimeout(callback, delay);
  if (!isThenable(handle))
    return handle;
  onRejection(handle, ignore);
  throw new TypeError(explain("ERR_ENVIRONMENT", "not-a-timer", []));
}
function unref(handle) {
  var _a;
  (_a = handle == null ? void 0 : handle.unref) == null ? void 0 : _a.call(handle);
}
const currentZone = () => {
  var _a;
  return (_a = globalThis.Zone) == null ? void 0 : _a.current;
};
function outsideAngular(work) {
  let zone = currentZone();
  if ((zone == null ? void 0 : zone.get("isAngularZone")) !== true)
    return work();
  while ((zone == null ? void 0 : zone.get("isAngularZone")) === true)
    zone = zone.parent ?? void 0;
  return zone === void 0 ? work() : zone.run(work, void 0, []);
}
function inThisZone(callback) {
  const zone = currentZone();
  return zone === void 0 ? callback : (...args) => zone.run(callback, void 0, args);
}
const systemClock = {
  ...plainClock,
  setTimeout: (callback, delay) => outsideAngular(() => setTimeout(callback, delay))
};
class Replacement {
  constructor(handle) {
    __publicField(this, "handle");
    this.handle = handle;
  }
  unref() {
    var _a, _b;
    (_b = (_a = this.handle) == null ? void 0 : _a.unref) == null ? void 0 : _b.call(_a);
  }
}
class GuardedClock {
  constructor(clock) {
    __privateAdd(this, _GuardedClock_instances);
    __publicField(this, "core");
    __privateAdd(this, _clock2);
    /** By how much each clock is ahead of the system's: one that fails is to go on from where it was. */
    __privateAdd(this, _ahead, { now: 0, wall: 0 });
    __privateSet(this, _clock2, clock);
  }
  now() {
    return __privateMethod(this, _GuardedClock_instances, read_fn).call(this, "now");
  }
  wall() {
    return __privateMethod(this, _GuardedClock_instances, read_fn).call(this, "wall");
  }
  setTimeout(callback, delay) {
    try {
      return setTimer(__privateGet(this, _clock2), callback, delay);
    } catch (thrown) {
      __privateMethod(this, _GuardedClock_instances, report_fn).call(this, thrown);
      return new Replacement(systemClock.setTimeout(callback, delay));
    }
  }
  clearTimeout(handle) {
    if (handle instanceof Replacement)
      return systemClock.clearTimeout(handle.handle);
    try {
      const returned = __privateGet(this, _clock2).clearTimeout(handle);
      if (isThenable(returned))
        onRejection(returned, (thrown) => __privateMethod(this, _GuardedClock_instances, report_fn).call(this, thrown));
    } catch (thrown) {
      __privateMethod(this, _GuardedClock_instances, report_fn).call(this, thrown);
    }
  }
}
_clock2 = new WeakMap();
_ahead = new WeakMap();
_GuardedClock_instances = new WeakSet();
read_fn = function(which) {
  let time;
  try {
    time = readClock(__privateGet(this, _clock2), which);
  } catch (thrown) {
    __privateMethod(this, _GuardedClock_instances, report_fn).call(this, thrown);
    time = systemClock[which]() + __privateGet(this, _ahead)[which];
  }
  __privateGet(this, _ahead)[which] = time - systemClock[which]();
  return time;
};
report_fn = function(thrown) {
  var _a;
  (_a = this.core) == null ? void 0 : _a.fail("ERR_ENVIRONMENT", "the clock", thrown);
};
class Watch {
  constructor(signal) {
    __privateAdd(this, _Watch_instances);
    __privateAdd(this, _signal);
    __privateAdd(this, _callbacks, /* @__PURE__ */ new Set());
    __privateAdd(this, _aborted, () => {
      __privateMethod(this, _Watch_instances, end_fn2).call(this);
      for (const callback of __privateGet(this, _callbacks))
        callback();
    });
    __privateSet(this, _signal, signal);
    watches.set(signal, this);
    signal.addEventListener("abort", __privateGet(this, _aborted));
  }
  add(callback) {
    const entry = () => callback();
    __privateGet(this, _callbacks).add(entry);
    return () => {
      if (__privateGet(this, _callbacks).delete(entry) && __privateGet(this, _callbacks).size === 0)
        __privateMethod(this, _Watch_instances, end_fn2).call(this);
    };
  }
}
_signal = new WeakMap();
_callbacks = new WeakMap();
_aborted = new WeakMap();
_Watch_instances = new WeakSet();
end_fn2 = function() {
  if (watches.get(__privateGet(this, _signal)) === this)
    watches.delete(__privateGet(this, _signal));
  __privateGet(this, _signal).removeEventListener("abort", __privateGet(this, _aborted));
};
const watches = /* @__PURE__ */ new WeakMap();
function onAbort(signal, callback) {
  return (watches.get(signal) ?? new Watch(signal)).add(callback);
}
function abortReason(signal) {
  if (signal.reason !== void 0)
    return signal.reason;
  const message = "the operation was aborted";
  if (typeof DOMException === "function")
    return new DOMException(message, "AbortError");
  return Object.assign(new Error(message), { name: "AbortError" });
}
function throwIfAborted(signal) {
  if (signal == null ? void 0 : signal.aborted)
    throw abortReason(signal);
}
class SignalRegistrations {
  constructor() {
    __privateAdd(this, _SignalRegistrations_instances);
    __privateAdd(this, _all, /* @__PURE__ */ new Set());
    __privateAdd(this, _resting, false);
  }
  /** `end` is called once the signal is aborted. Returns a function that makes the signal forget it. */
  add(signal, end) {
    const registration = { signal, end, stop: nothing$1 };
    __privateGet(this, _all).add(registration);
    if (!__privateGet(this, _resting))
      __privateMethod(this, _SignalRegistrations_instances, follow_fn2).call(this, registration);
    return () => {
      registration.stop();
      __privateGet(this, _all).delete(registration);
    };
  }
  /** At rest: signals are no longer listened to. */
  rest() {
    if (__privateGet(this, _resting))
      return;
    __privateSet(this, _resting, true);
    for (const registration of __privateGet(this, _all))
      registration.stop();
  }
  /** Listens to the signals again, and ends what was aborted meanwhile. */
  resume() {
    if (!__privateGet(this, _resting))
      return;
    __privateSet(this, _resting, false);
    for (const registration of __privateGet(this, _all))
      __privateMethod(this, _SignalRegistrations_instances, follow_fn2).call(this, registration);
  }
  /** Ends what was aborted while nothing was listened to. */
  prune() {
    if (!__privateGet(this, _resting))
      return;
    for (const registration of __privateGet(this, _all))
      if (registration.signal.aborted)
        __privateMethod(this, _SignalRegistrations_instances, finish_fn).call(this, registration);
  }
}
_all = new WeakMap();
_resting = new WeakMap();
_SignalRegistrations_instances = new WeakSet();
follow_fn2 = function(registration) {
  if (registration.signal.aborted)
    __privateMethod(this, _SignalRegistrations_instances, finish_fn).call(this, registration);
  else
    registration.stop = onAbort(registration.signal, () => __privateMethod(this, _SignalRegistrations_instances, finish_fn).call(this, registration));
};
finish_fn = function(registration) {
  registration.stop();
  __privateGet(this, _all).delete(registration);
  registration.end();
};
function nothing$1() {
}
function checkSignal(option, value) {
  const { aborted, addEventListener, removeEventListener } = readable(option, () => signalLike(value));
  const isSignal = typeof aborted === "boolean" && [addEventListener, removeEventListener].every(isCallable);
  return isSignal ? value : wrongOption(option, value, "not-a-signal");
}
function signalOf(call, options2 = {}) {
  const { signal } = bag(call, options2, ["signal"]);
  return signal === void 0 ? void 0 : checkSignal(`${call}.signal`, signal);
}
function signalLike(value) {
  const { aborted, addEventListener, removeEventListener } = value ?? {};
  return { aborted, addEventListener, removeEventListener };
}
function isCallable(value) {
  return typeof value === "function";
}
class Waiters {
  constructor() {
    __privateAdd(this, _Waiters_instances);
    /** Most connections have nothing that waits. */
    __privateAdd(this, _waiting3);
  }
  wait(what, signal) {
    return new Promise((resolve, reject) => {
      if (signal == null ? void 0 : signal.aborted) {
        reject(abortReason(signal));
        return;
      }
      const all = __privateMethod(this, _Waiters_instances, of_fn).call(this, what);
      const waiter = {
        settle: (how, value) => {
          forget == null ? void 0 : forget();
          if (how === "resolve")
            resolve(value);
          else
            reject(value);
        }
      };
      const giveUp = (given) => {
        all.delete(waiter);
        waiter.settle("reject", abortReason(given));
      };
      const forget = signal && onAbort(signal, () => giveUp(signal));
      all.add(waiter);
    });
  }
  resolve(what, value) {
    __privateMethod(this, _Waiters_instances, settle_fn2).call(this, what, "resolve", value);
  }
  reject(what, reason) {
    __privateMethod(this, _Waiters_instances, settle_fn2).call(this, what, "reject", reason);
  }
}
_waiting3 = new WeakMap();
_Waiters_instances = new WeakSet();
of_fn = function(what) {
  const waiting2 = __privateGet(this, _waiting3) ?? __privateSet(this, _waiting3, /* @__PURE__ */ new Map());
  const all = waiting2.get(what) ?? /* @__PURE__ */ new Set();
  waiting2.set(what, all);
  return all;
};
settle_fn2 = function(what, how, value) {
  var _a;
  const all = (_a = __privateGet(this, _waiting3)) == null ? void 0 : _a.get(what);
  if (all === void 0)
    return;
  __privateGet(this, _waiting3).delete(what);
  if (__privateGet(this, _waiting3).size === 0)
    __privateSet(this, _waiting3, void 0);
  for (const waiter of all)
    waiter.settle(how, value);
};
const soonest = 1;
const latest = 20;
const allowance = 65536;
class Backpressure {
  constructor(core, mark) {
    __privateAdd(this, _Backpressure_instances);
    __privateAdd(this, _core8);
    __privateAdd(this, _mark);
    __privateAdd(this, _timer);
    /** Few wait. */
    __privateAdd(this, _waiters);
    /** What was answered since the socket was last below its mark. */
    __privateAdd(this, _answered, 0);
    __privateSet(this, _core8, core);
    __privateSet(this, _mark, mark);
  }
  get pressure() {
    return this;
  }
  isOver({ bufferedAmount }) {
    return bufferedAmount >= __privateGet(this, _mark);
  }
  start() {
    if (__privateGet(this, _timer) === void 0)
      __privateMethod(this, _Backpressure_instances, ask_fn2).call(this, soonest);
  }
  stop() {
    __privateGet(this, _core8).timers.clearTimeout(__privateGet(this, _timer));
    __privateSet(this, _timer, void 0);
  }
  opened(waited) {
    var _a;
    if (!__privateGet(this, _Backpressure_instances, hasRoom_get))
      this.start();
    else if (waited)
      __privateMethod(this, _Backpressure_instances, drained_fn).call(this);
    else
      (_a = __privateGet(this, _waiters)) == null ? void 0 : _a.resolve("drained", void 0);
  }
  get bufferedAmount() {
    var _a;
    const { queue, attempt } = __privateGet(this, _core8);
    return (queue.bytes ?? 0) + (((_a = attempt == null ? void 0 : attempt.socket) == null ? void 0 : _a.bufferedAmount) ?? 0);
  }
  async drained(options2) {
    const core = __privateGet(this, _core8);
    const signal = signalOf("drained", options2);
    throwIfAborted(signal);
    const { state } = core.status;
    if (state === "ended")
      throw core.over("drained()");
    if (__privateGet(this, _Backpressure_instances, hasRoom_get))
      return;
    if (state === "open")
      this.start();
    return (__privateGet(this, _waiters) ?? __privateSet(this, _waiters, new Waiters())).wait("drained", signal);
  }
  onSettled() {
    var _a;
    (_a = __privateGet(this, _waiters)) == null ? void 0 : _a.reject("drained", __privateGet(this, _core8).over("drained()"));
  }
  /**
   * Answers to the pings of a server go past the queue, so that a backlog doesn't make a healthy link look dead. A server that
   * pings and reads nothing gets no more of them than the allowance: it would not read them either.
   */
  answer(data) {
    const attempt = __privateGet(this, _core8).attempt;
    if (!this.isOver(attempt.socket))
      __privateSet(this, _answered, 0);
    else if (__privateSet(this, _answered, __privateGet(this, _answered) + quickSize(data)) > allowance)
      return;
    attempt.sendNow(data);
  }
}
_core8 = new WeakMap();
_mark = new WeakMap();
_timer = new WeakMap();
_waiters = new WeakMap();
_answered = new WeakMap();
_Backpressure_instances = new WeakSet();
/** While something waits for a socket, asks again and again, until nothing does. */
ask_fn2 = function(wait2) {
  __privateSet(this, _timer, __privateGet(this, _core8).timers.setTimeout(() => {
    __privateSet(this, _timer, void 0);
    const flushed = __privateMethod(this, _Backpressure_instances, flush_fn).call(this);
    if (flushed === "done" || __privateGet(this, _timer) !== void 0)
      return;
    __privateMethod(this, _Backpressure_instances, ask_fn2).call(this, flushed === "more" ? 0 : Math.min(latest, Math.max(soonest, wait2 * 2)));
  }, wait2));
};
flush_fn = function() {
  const core = __privateGet(this, _core8);
  if (core.attempt === void 0)
    return "done";
  const flushed = core.flush();
  if (flushed !== "done" || core.status.state !== "open")
    return flushed;
  if (!__privateGet(this, _Backpressure_instances, hasRoom_get))
    return "full";
  core.enqueue(() => __privateMethod(this, _Backpressure_instances, drained_fn).call(this));
  return "done";
};
drained_fn = function() {
  var _a;
  (_a = __privateGet(this, _waiters)) == null ? void 0 : _a.resolve("drained", void 0);
  __privateGet(this, _core8).events.emit("drain", void 0);
};
hasRoom_get = function() {
  const { queue, outgoing } = __privateGet(this, _core8);
  if (queue.size > 0 || outgoing.isFull)
    return false;
  return outgoing.link !== void 0 || queue.refusedForGood !== true;
};
const backpressure = (highWaterMark = 1048576) => ({
  name: "backpressure",
  members: ["bufferedAmount", "drained"],
  attach: (core) => new Backpressure(core, highWaterMark)
});
class Batches {
  constructor(core) {
    __privateAdd(this, _Batches_instances);
    __privateAdd(this, _core9);
    __privateSet(this, _core9, core);
  }
  sendMany(messages, options2) {
    var _a;
    const core = __privateGet(this, _core9);
    const { outgoing, queue } = core;
    core.mustAccept("sendMany()");
    if (options2 !== void 0) {
      bag("send", options2, ["ttl"]);
      for (const part of core.parts)
        (_a = part.onSend) == null ? void 0 : _a.call(part, options2);
    }
    const batch2 = Array.from(checkBatch(messages), (message) => ({ message, data: outgoing.encode(message) }));
    core.mustAccept("sendMany()");
    const counts = { sent: 0, queued: 0, dropped: 0 };
    core.turn(() => {
      var _a2;
      const link = outgoing.open;
      let next = 0;
      for (; link !== void 0 && next < batch2.length; next++) {
        const { message, data } = batch2[next];
        const written = outgoing.write(link, message, data, options2);
        if (written === false)
          break;
        if (written !== true)
          outgoing.drop({ message, options: options2 }, "refused");
        counts[written === true ? "sent" : "dropped"]++;
      }
      const rest = batch2.slice(next);
      if (next === 0)
        (_a2 = queue.admit) == null ? void 0 : _a2.call(queue, rest.map(({ data }) => data));
      for (const { message, data } of rest)
        counts[__privateMethod(this, _Batches_instances, keep_fn).call(this, message, data, options2)]++;
    });
    return counts;
  }
}
_core9 = new WeakMap();
_Batches_instances = new WeakSet();
keep_fn = function(message, data, options2) {
  const { outgoing } = __privateGet(this, _core9);
  try {
    return outgoing.keep(message, data, options2);
  } catch {
    outgoing.drop({ message, options: options2 }, "overflow");
    return "dropped";
  }
};
function checkBatch(messages) {
  const given = messages;
  if (typeof given === "object" && given !== null && Symbol.iterator in given)
    return messages;
  throw makeError("ERR_DATA", "not-iterable", [typeof given]);
}
const batch = () => ({
  name: "batch",
  needs: ["richQueue"],
  members: ["sendMany"],
  attach: (core) => new Batches(core)
});
function guardedController(report2) {
  const controller = new AbortController();
  const { signal } = controller;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  const guards = /* @__PURE__ */ new WeakMap();
  const guarded = (listener) => {
    if (listener === null || typeof listener !== "object" && typeof listener !== "function")
      return listener;
    const guard = guards.get(listener) ?? guardListener(listener, report2);
    guards.set(listener, guard);
    return guard;
  };
  let handler = null;
  let isAborting = false;
  let ear;
  Object.defineProperties(signal, {
    addEventListener: {
      value: (type, listener, options2) => add(type, guarded(listener), options2)
    },
    removeEventListener: {
      value: (type, listener, options2) => remove(type, guarded(listener), options2)
    },
    onabort: {
      get: () => isAborting ? null : handler,
      set(value) {
        if (ear !== void 0)
          remove("abort", ear);
        handler = typeof value === "function" ? value : null;
        ear = handler === null ? void 0 : guardListener(handler, report2);
        if (ear !== void 0)
          add("abort", ear);
      }
    }
  });
  const abort = controller.abort.bind(controller);
  controller.abort = (reason) => {
    isAborting = true;
    abort(reason);
    isAborting = false;
  };
  return controller;
}
function isClosable(code) {
  return Number.isInteger(code) && (code === 1e3 || code >= 3e3 && code <= 4999);
}
const reasonBytes = 123;
function checkCloseArguments(code, reason) {
  if (code !== void 0 && (typeof code !== "number" || !isClosable(code))) {
    throw makeError("ERR_CLOSE_ARGUMENT", "close-code", [typeof code === "number" ? `${code}` : typeof code]);
  }
  if (reason === void 0)
    return;
  if (typeof reason !== "string")
    throw makeError("ERR_CLOSE_ARGUMENT", "close-reason-type", [typeof reason]);
  const bytes = byteLength(reason);
  if (bytes > reasonBytes)
    throw makeError("ERR_CLOSE_ARGUMENT", "close-reason-length", [bytes, reasonBytes]);
}
const materials = ["ca", "cert", "key", "pfx", "crl"];
const texts = ["passphrase", "servername", "ciphers", "minVersion", "maxVersion"];
const known = [...materials, ...texts, "rejectUnauthorized"];
const isMaterial = (value) => typeof value === "string" || ArrayBuffer.isView(value);
function wrong(name, value, key) {
  throw makeError("ERR_OPTION", key, [name, `a ${value === null ? "null" : typeof value}`]);
}
function checkTls(tls) {
  if (typeof tls !== "object")
    wrong("tls", tls, "not-an-object");
  const given = bag("tls", tls, known);
  for (const name of materials) {
    const value = given[name];
    if (value === void 0 || isMaterial(value))
      continue;
    if (!Array.isArray(value) || !value.every(isMaterial)) {
      wrong(`tls.${name}`, value, "not-tls-material");
    }
  }
  for (const name of texts) {
    if (given[name] !== void 0 && typeof given[name] !== "string")
      wrong(`tls.${name}`, given[name], "not-a-string");
  }
  const { rejectUnauthorized } = given;
  if (rejectUnauthorized !== void 0 && typeof rejectUnauthorized !== "boolean") {
    wrong("tls.rejectUnauthorized", rejectUnauthorized, "not-a-boolean");
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== void 0));
}
function resolveUrl(url, { base, schemes }) {
  var _a;
  const { URL: URL2 } = globalThis;
  if (URL2 === void 0) {
    throw makeError("ERR_MISSING_PEER", "no-url", []);
  }
  let href;
  try {
    href = new URL2(url, base).href;
  } catch {
    throw notAbsolute(url);
  }
  const scheme = (_a = /^[a-z][a-z0-9+.-]*:/i.exec(href)) == null ? void 0 : _a[0].toLowerCase();
  if (scheme === void 0)
    throw notAbsolute(url);
  const isOther = (schemes == null ? void 0 : schemes.includes(scheme)) === true;
  if (!isOther && !/^(?:ws|http)s?:$/.test(scheme))
    throw wrongScheme(scheme, schemes);
  if (href.includes("#")) {
    throw makeError("ERR_URL", "url-fragment", []);
  }
  if (isOther)
    return checkFile(href, scheme);
  return href.replace(/^http(s?):/i, (_, secure) => `ws${secure.toLowerCase()}:`);
}
function wrongScheme(scheme, schemes = []) {
  return makeError("ERR_URL", "url-scheme", [scheme, ["ws:", "wss:", ...schemes].join(" or ")]);
}
function checkFile(href, scheme) {
  const rest = href.slice(scheme.length);
  if (/^(?:\/\/[^/]|(?:\/\/)?(?:$|\?))/.test(rest)) {
    throw makeError("ERR_URL", "url-host", [scheme]);
  }
  return href;
}
function notAbsolute(url) {
  return makeError("ERR_URL", "url-syntax", [String(url).length]);
}
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
function checkProtocols(protocols) {
  const list = Array.isArray(protocols) ? [...protocols] : [protocols];
  const seen = /* @__PURE__ */ new Set();
  for (const each of list) {
    if (typeof each !== "string" || !token.test(each)) {
      throw makeError("ERR_OPTION", "protocol-not-a-token", [describe(each)]);
    }
    if (seen.has(each))
      throw makeError("ERR_OPTION", "protocol-twice", [describe(each)]);
    seen.add(each);
  }
  return list;
}
function describe(protocol) {
  return typeof protocol === "string" ? `a name of ${protocol.length} characters` : `a ${protocol === null ? "null" : typeof protocol}`;
}
function checkHeaders(headers) {
  if (typeof headers !== "object" || headers === null || Array.isArray(headers)) {
    const given = headers === null ? "null" : Array.isArray(headers) ? "an array" : `a ${typeof headers}`;
    throw makeError("ERR_OPTION", "headers-not-an-object", [given]);
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!token.test(name) || typeof value !== "string" || /[\r\n\0]/.test(value)) {
      throw makeError("ERR_OPTION", "header-invalid", [JSON.stringify(name.slice(0, 40))]);
    }
  }
  return headers;
}
async function resolveTarget({ url, protocols, transport }, context) {
  if (typeof url === "string")
    return { url, protocols, headers: {} };
  let answer;
  try {
    answer = copyOf(await url(context()));
  } catch (thrown) {
    const detail = { cause: thrown };
    if (isRefused(thrown))
      throw makeError("ERR_REFUSED", "refused-by-provider", [], detail);
    throw makeError("ERR_PROVIDER", "provider-threw", [], detail);
  }
  if (typeof answer === "string")
    return { url: resolveUrl(answer, transport), protocols, headers: {} };
  const target = typeof answer === "object" ? answer : null;
  if (typeof (target == null ? void 0 : target.url) !== "string")
    throw makeError("ERR_PROVIDER", "provider-result", [typeof answer]);
  return {
    url: resolveUrl(target.url, transport),
    protocols: target.protocols === void 0 ? protocols : checkProtocols(target.protocols),
    headers: target.headers === void 0 ? {} : checkHeaders(target.headers),
    ...target.tls === void 0 ? {} : { tls: checkTls(target.tls) }
  };
}
function copyOf(answer) {
  if (typeof answer !== "object" || answer === null)
    return answer;
  if (isUrl(answer))
    return String(answer);
  const { url, protocols, headers, tls } = answer;
  return {
    url: isUrl(url) ? String(url) : url,
    protocols: Array.isArray(protocols) ? [...protocols] : protocols,
    headers: recordOf(headers),
    tls: recordOf(tls)
  };
}
function recordOf(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : value;
}
const types = ["open", "message", "close", "backoff", "state", "heartbeat", "drain", "dropped", "error"];
class Checks {
  constructor(core, sendOptions) {
    __privateAdd(this, _Checks_instances);
    __privateAdd(this, _core10);
    /** What `send` takes in its second argument. */
    __privateAdd(this, _sendOptions);
    /** Few listeners have a signal. */
    __privateAdd(this, _registrations);
    __privateSet(this, _core10, core);
    __privateSet(this, _sendOptions, sendOptions);
  }
  get address() {
    return this;
  }
  get listening() {
    return this;
  }
  get binaryType() {
    return __privateGet(this, _core10).binaryType;
  }
  set binaryType(type) {
    __privateGet(this, _core10).setBinaryType(oneOf("binaryType", type, ["arraybuffer", "blob"]));
  }
  onCommand(type, code, reason) {
    if (type !== "OPEN")
      checkCloseArguments(code, reason);
  }
  /** Checked also when the message goes straight out: a mistake is not to show only when the network is bad. */
  onSend(options2) {
    bag("send", options2, __privateGet(this, _sendOptions));
  }
  resolve(attempt) {
    const { url, options: options2, status } = __privateGet(this, _core10);
    const { protocols = [], transport } = options2;
    return resolveTarget({ url, protocols, transport }, () => {
      const { attempt: number, loss: previous } = status;
      return { attempt: number, signal: attempt.signal, previous };
    });
  }
  controller() {
    return guardedController((thrown) => __privateGet(this, _core10).fail("ERR_LISTENER", "an 'abort' listener", thrown));
  }
  on(type, listener, options2) {
    oneOf("type", type, types);
    isFunction("listener", listener);
    const { once, signal } = options2 === void 0 ? {} : checkListenOptions(options2);
    if (signal == null ? void 0 : signal.aborted)
      return () => {
      };
    const { events: events2, zone } = __privateGet(this, _core10);
    const call = (zone == null ? void 0 : zone.bind(listener)) ?? listener;
    if (once !== true && signal === void 0)
      return events2.add(type, call);
    const remove = events2.add(type, (event) => {
      if (once)
        off();
      if (signal == null ? void 0 : signal.aborted)
        off();
      else
        return call(event);
    });
    const forget = signal === void 0 ? void 0 : __privateMethod(this, _Checks_instances, follow_fn3).call(this, signal, remove);
    const off = () => {
      remove();
      forget == null ? void 0 : forget();
    };
    return off;
  }
  prune() {
    var _a;
    (_a = __privateGet(this, _registrations)) == null ? void 0 : _a.prune();
  }
  /** At rest, signals are not listened to, so none of them holds the listeners. */
  onState(state) {
    var _a, _b;
    if (state === "ended")
      (_a = __privateGet(this, _registrations)) == null ? void 0 : _a.rest();
    else
      (_b = __privateGet(this, _registrations)) == null ? void 0 : _b.resume();
  }
}
_core10 = new WeakMap();
_sendOptions = new WeakMap();
_registrations = new WeakMap();
_Checks_instances = new WeakSet();
follow_fn3 = function(signal, end) {
  if (__privateGet(this, _registrations) === void 0) {
    __privateSet(this, _registrations, new SignalRegistrations());
    this.onState(__privateGet(this, _core10).status.state);
  }
  return __privateGet(this, _registrations).add(signal, end);
};
function checkListenOptions(options2) {
  const { once, signal } = bag("on", options2, ["once", "signal"]);
  return {
    once: once === void 0 ? void 0 : isBoolean("on.once", once),
    signal: signal === void 0 ? void 0 : checkSignal("on.signal", signal)
  };
}
const checks = (sendOptions = ["ttl", "key", "onFate"]) => ({
  name: "checks",
  members: ["binaryType"],
  attach: (core) => new Checks(core, sendOptions)
});
function codec(coder) {
  const decode = (frame) => {
    const message = coder.decode(frame);
    if (isThenable(message))
      throw notAtOnce(message);
    return message;
  };
  return { name: "codec", attach: () => ({ codec: { encode: (message) => coder.encode(message), decode } }) };
}
const asyncIterator = Symbol.asyncIterator ?? "@@asyncIterator";
const asyncDispose = Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");
const unopened = { code: 1005, reason: "", wasClean: false };
function failureToReader(core, what) {
  const { why, loss } = core.status;
  const { code, wasClean } = (loss == null ? void 0 : loss.close) ?? unopened;
  const isNormal = wasClean && (code === 1e3 || code === 1005);
  return why === "internal" || why === "refused" && !isNormal ? core.over(what) : void 0;
}
class Promises {
  constructor(core) {
    __privateAdd(this, _Promises_instances);
    __privateAdd(this, _core11);
    /** Few wait. */
    __privateAdd(this, _waiters2);
    /** How the last socket or attempt ended. */
    __privateAdd(this, _last, unopened);
    __privateSet(this, _core11, core);
  }
  async opened(options2) {
    const signal = signalOf("opened", options2);
    throwIfAborted(signal);
    const { state } = __privateGet(this, _core11).status;
    if (state === "open")
      return;
    if (state === "ended")
      throw __privateGet(this, _core11).over("opened()");
    return __privateGet(this, _Promises_instances, waiting_get).wait("opened", signal);
  }
  async ended(options2) {
    const signal = signalOf("ended", options2);
    throwIfAborted(signal);
    return __privateGet(this, _core11).status.state === "ended" ? __privateGet(this, _last) : __privateGet(this, _Promises_instances, waiting_get).wait("ended", signal);
  }
  close(code, reason) {
    var _a;
    const core = __privateGet(this, _core11);
    for (const part of core.parts)
      (_a = part.onCommand) == null ? void 0 : _a.call(part, "CLOSE", code, reason);
    const { state } = core.status;
    if (state === "ended")
      return Promise.resolve(__privateGet(this, _last));
    const closed2 = __privateGet(this, _Promises_instances, waiting_get).wait("closed");
    if (state !== "closing")
      core.command("CLOSE", { code, reason });
    return closed2;
  }
  async [asyncDispose]() {
    await this.close();
  }
  onEnd({ close }) {
    __privateSet(this, _last, close);
  }
  onState(state) {
    var _a, _b;
    if (state === "open")
      (_a = __privateGet(this, _waiters2)) == null ? void 0 : _a.resolve("opened", void 0);
    if (state === "connecting")
      (_b = __privateGet(this, _waiters2)) == null ? void 0 : _b.resolve("closed", __privateGet(this, _last));
  }
  onSettled() {
    var _a, _b, _c;
    (_a = __privateGet(this, _waiters2)) == null ? void 0 : _a.reject("opened", __privateGet(this, _core11).over("opened()"));
    (_b = __privateGet(this, _waiters2)) == null ? void 0 : _b.resolve("closed", __privateGet(this, _last));
    (_c = __privateGet(this, _waiters2)) == null ? void 0 : _c.resolve("ended", __privateGet(this, _last));
  }
}
_core11 = new WeakMap();
_waiters2 = new WeakMap();
_last = new WeakMap();
_Promises_instances = new WeakSet();
waiting_get = function() {
  return __privateGet(this, _waiters2) ?? __privateSet(this, _waiters2, new Waiters());
};
const promises = () => ({
  name: "promises",
  members: ["opened", "ended", "close", asyncDispose],
  attach: (core) => new Promises(core)
});
class Complaint {
  constructor(core) {
    __privateAdd(this, _Complaint_instances);
    __privateAdd(this, _core12);
    __privateAdd(this, _neverOpen, true);
    __privateAdd(this, _complained, false);
    __privateAdd(this, _error);
    __privateSet(this, _core12, core);
  }
  onLinked() {
    __privateSet(this, _neverOpen, false);
  }
  onEnd({ attempt }) {
    var _a;
    __privateSet(this, _error, (_a = attempt.failure) == null ? void 0 : _a.error);
  }
  onState(state) {
    const { events: events2 } = __privateGet(this, _core12);
    if (state === "ended" && __privateGet(this, _neverOpen) && !events2.has("close") && !events2.has("error")) {
      __privateGet(this, _core12).tell(() => __privateMethod(this, _Complaint_instances, complain_fn).call(this));
    }
  }
}
_core12 = new WeakMap();
_neverOpen = new WeakMap();
_complained = new WeakMap();
_error = new WeakMap();
_Complaint_instances = new WeakSet();
complain_fn = function() {
  const refusal = failureToReader(__privateGet(this, _core12), "createConnection()");
  if (refusal === void 0 || __privateGet(this, _complained) || __privateGet(this, _core12).status.state !== "ended")
    return;
  __privateSet(this, _complained, true);
  print(__privateGet(this, _error) ?? refusal);
};
const complaint = () => ({ name: "complaint", attach: (core) => new Complaint(core) });
class Count {
  constructor(core) {
    __privateAdd(this, _core13);
    __privateSet(this, _core13, core);
  }
  get counters() {
    const { received, beats, outgoing, queue } = __privateGet(this, _core13);
    const readers2 = __privateGet(this, _core13).part("readers");
    return {
      received: received - beats,
      sent: outgoing.sent,
      queued: queue.size,
      queuedBytes: queue.bytes ?? 0,
      unread: (readers2 == null ? void 0 : readers2.lost) ?? 0
    };
  }
}
_core13 = new WeakMap();
const counters = () => ({
  name: "counters",
  members: ["counters"],
  attach: (core) => new Count(core)
});
const none$1 = [];
const nothing = { messages: 0, bytes: 0 };
class Delivery {
  constructor(core) {
    __privateAdd(this, _Delivery_instances);
    __privateAdd(this, _core14);
    __privateAdd(this, _tracked, none$1);
    /** Those of a link that is over, until it is decided what follows. */
    __privateAdd(this, _lost, none$1);
    /** Of the messages up to this number, none is tracked any more. */
    __privateAdd(this, _proven, 0);
    __privateSet(this, _core14, core);
  }
  onSend({ onFate }) {
    if (onFate !== void 0 && typeof onFate !== "function")
      wrongOption("send.onFate", onFate, "not-a-function");
  }
  onWritten(_, { onFate }, attempt) {
    if (onFate === void 0)
      return;
    __privateMethod(this, _Delivery_instances, tell_fn2).call(this, onFate, "sent");
    const { messages, provenMessages } = attempt;
    if (__privateGet(this, _core14).attempt !== attempt)
      return __privateMethod(this, _Delivery_instances, tell_fn2).call(this, onFate, "uncertain");
    if (provenMessages > __privateGet(this, _proven)) {
      __privateSet(this, _tracked, __privateGet(this, _tracked).filter(({ number }) => number > provenMessages));
      __privateSet(this, _proven, provenMessages);
    }
    const tracked = { number: messages, onFate };
    if (__privateGet(this, _tracked) === none$1)
      __privateSet(this, _tracked, [tracked]);
    else
      __privateGet(this, _tracked).push(tracked);
  }
  onDropped(_, { onFate }, reason) {
    if (onFate !== void 0)
      __privateGet(this, _core14).events.call("fate", onFate, reason);
  }
  onEnd({ attempt, answered }) {
    const { messages, bytes, provenMessages, provenBytes } = attempt;
    const tracked = __privateGet(this, _tracked);
    __privateSet(this, _tracked, none$1);
    __privateSet(this, _proven, 0);
    if (answered)
      return { uncertain: nothing };
    if (tracked !== none$1)
      __privateSet(this, _lost, tracked.filter(({ number }) => number > provenMessages));
    return { uncertain: { messages: messages - provenMessages, bytes: bytes - provenBytes } };
  }
  /** After the `close` event: what the app is told is not ahead of the status. */
  onState() {
    const lost = __privateGet(this, _lost);
    __privateSet(this, _lost, none$1);
    for (const { onFate } of lost)
      __privateGet(this, _core14).events.call("fate", onFate, "uncertain");
  }
}
_core14 = new WeakMap();
_tracked = new WeakMap();
_lost = new WeakMap();
_proven = new WeakMap();
_Delivery_instances = new WeakSet();
tell_fn2 = function(onFate, fate) {
  __privateGet(this, _core14).tell(() => __privateGet(this, _core14).events.call("fate", onFate, fate));
};
const delivery = () => ({ name: "delivery", attach: (core) => new Delivery(core) });
const reasonHint = /(?:^|[^\w-])retry[-_]after["']?\s*[=:]\s*["']?(\d+(?:\.\d+)?)\s*(ms|s)?["']?\s*(?:$|[,;)\]}]|\.(?:\s|$))/i;
function hintIn(reason) {
  var _a;
  const found = reasonHint.exec(reason);
  return Number(found == null ? void 0 : found[1]) * (((_a = found == null ? void 0 : found[2]) == null ? void 0 : _a.toLowerCase()) === "ms" ? 1 : 1e3);
}
function serverDelay(loss) {
  const asked = [loss.retryAfter ?? 0, hintIn(loss.close.reason)].filter((wait2) => wait2 > 0);
  return asked.length > 0 ? Math.min(Number.MAX_SAFE_INTEGER, Math.max(...asked)) : void 0;
}
const slowFloors = [2e3, 15e3, 3e4, 15e4];
function slowDelay({ streak, random }) {
  const floor = slowFloors[Math.min(slowFloors.length, Math.max(1, streak)) - 1] ?? slowFloors[0];
  return floor * (1 + random());
}
const stop = [1002, 1003, 1007, 1009, 1010];
function retryClassOf(code) {
  if (stop.includes(code))
    return "stop";
  if (code === 1013)
    return "slow";
  return code === 1008 ? "rapid" : "retry";
}
const rapidLosses = 3;
const missingLosses = 3;
const isUnauthorised = (status) => status === 401 || status === 403;
function lossKind({ status, close }) {
  if (isUnauthorised(status))
    return "unauthorised";
  return status === void 0 ? close.code : `status ${status}`;
}
function retryByDefault({ fatal, status, close, streak }) {
  if (fatal)
    return false;
  if (isUnauthorised(status))
    return streak <= 1;
  if (status === 404)
    return streak < missingLosses;
  if (status === 410 || status === 426)
    return false;
  if (status !== void 0)
    return true;
  const retry = retryClassOf(close.code);
  return retry === "rapid" ? streak < rapidLosses : retry !== "stop";
}
function isSlow({ status, close }) {
  return status === void 0 ? retryClassOf(close.code) === "slow" : status === 404;
}
class Hints {
  constructor(core, most2) {
    __privateAdd(this, _core15);
    __privateAdd(this, _most);
    __privateAdd(this, _kind);
    __privateAdd(this, _streak, 0);
    __privateSet(this, _core15, core);
    __privateSet(this, _most, most2);
  }
  onEnd({ attempt: { failure }, close }) {
    return { serverDelay: serverDelay({ retryAfter: failure == null ? void 0 : failure.retryAfter, close }) };
  }
  onLoss(loss, failure) {
    var _a, _b;
    const kind = lossKind(loss);
    __privateSet(this, _streak, loss.attempt > 1 && kind === __privateGet(this, _kind) ? __privateGet(this, _streak) + 1 : 1);
    __privateSet(this, _kind, kind);
    const streak = __privateGet(this, _streak);
    const answer = ((_b = (_a = loss.error) == null ? void 0 : _a.response) == null ? void 0 : _b.from) === "proxy" ? { ...loss, status: void 0 } : loss;
    const asked = Math.min(__privateGet(this, _most), loss.serverDelay ?? 0);
    const slow = isSlow(answer) ? slowDelay({ streak, random: () => __privateGet(this, _core15).random() }) : 0;
    const retry = retryByDefault({ ...answer, fatal: (failure == null ? void 0 : failure.fatal) === true, streak });
    return { retry, asked, floor: Math.max(asked, slow) };
  }
}
_core15 = new WeakMap();
_most = new WeakMap();
_kind = new WeakMap();
_streak = new WeakMap();
const hints = (maxServerDelay = 3e5) => ({
  name: "hints",
  attach: (core) => new Hints(core, maxServerDelay)
});
const cuts = 3;
const shortest = 2e3;
const fewFrames = 4;
const codes = [1006, 1001];
class IdleCuts {
  constructor() {
    __privateAdd(this, _lasted, []);
  }
  /** What to tell of this one, if it makes the pattern plain: once, until a link ends in another way. */
  ended({ close, lasted, frames, pinged }, { ping, interval }) {
    const isLikeOne = codes.includes(close.code) && lasted >= shortest && frames <= fewFrames && !pinged;
    const like = __privateGet(this, _lasted).every((each) => Math.abs(each - lasted) <= Math.max(1e3, lasted / 10));
    __privateSet(this, _lasted, !isLikeOne ? [] : like ? [...__privateGet(this, _lasted), lasted].slice(-cuts - 1) : [lasted]);
    if (__privateGet(this, _lasted).length !== cuts)
      return void 0;
    const seconds = Math.round(lasted / 1e3);
    const every = ping === "none" ? Infinity : interval / 1e3;
    return makeError("ERR_IDLE_CUT", "idle-cut", [cuts, seconds, every]);
  }
}
_lasted = new WeakMap();
class IdleCutWatch {
  constructor(core) {
    __privateAdd(this, _core16);
    /** Most links end in other ways. */
    __privateAdd(this, _cuts);
    __privateAdd(this, _openedAt);
    __privateAdd(this, _framesAtOpen, 0);
    __privateSet(this, _core16, core);
  }
  onLinked() {
    __privateSet(this, _openedAt, __privateGet(this, _core16).timers.now());
    __privateSet(this, _framesAtOpen, __privateGet(this, _core16).received);
  }
  onEnd({ attempt: { close, pinged } }) {
    const openedAt = __privateGet(this, _openedAt);
    __privateSet(this, _openedAt, void 0);
    if (close === void 0 || openedAt === void 0)
      return {};
    const { timers, received, heartbeat } = __privateGet(this, _core16);
    const link = { close, lasted: timers.now() - openedAt, frames: received - __privateGet(this, _framesAtOpen), pinged };
    const error = (__privateGet(this, _cuts) ?? __privateSet(this, _cuts, new IdleCuts())).ended(link, heartbeat);
    return error === void 0 ? {} : { error };
  }
}
_core16 = new WeakMap();
_cuts = new WeakMap();
_openedAt = new WeakMap();
_framesAtOpen = new WeakMap();
const idleCuts = () => ({ name: "idleCuts", attach: (core) => new IdleCutWatch(core) });
const definition = {
  id: "connection",
  options: { maxIterations: 1e3 },
  initial: "closed",
  states: {
    closed: {
      tags: "CLOSED",
      initial: "idle",
      on: {
        OPEN: { target: "live", actions: ["forgetFailures", { type: "because", params: { why: "open" } }] },
        RECONNECT: { target: "live", actions: { type: "because", params: { why: "reconnect" } } },
        CLOSE: { target: ".ended", actions: { type: "because", params: { why: "close" } } }
      },
      states: {
        idle: {},
        deciding: {
          entry: ["countFailure", "judge"],
          on: {
            "policy.retry": { guard: "current", target: "backoff", actions: "takeVerdict" },
            "policy.stop": {
              guard: "current",
              target: "ended",
              actions: { type: "because", params: { why: "refused" } }
            }
          }
        },
        backoff: {
          initial: "scheduled",
          on: {
            "world.offline": {
              target: "suspended",
              actions: ["takeWait", { type: "because", params: { why: "offline" } }]
            },
            "world.stashed": {
              target: "suspended",
              actions: ["takeWait", { type: "because", params: { why: "stashed" } }]
            }
          },
          states: {
            scheduled: {
              after: { wait: { target: "#connection.live", actions: { type: "because", params: { why: "retry" } } } },
              on: {
                "world.online": { guard: "ownDelay", target: "hastened", actions: "takeWait" },
                "world.visible": { guard: "ownDelay", target: "hastened", actions: "takeWait" },
                "world.woke": { guard: "ownDelay", target: "hastened", actions: "takeWait" },
                "world.resumed": { guard: "ownDelay", target: "hastened", actions: "takeWait" }
              }
            },
            hastened: {
              after: { wait: { target: "#connection.live", actions: { type: "because", params: { why: "retry" } } } }
            }
          }
        },
        suspended: {
          after: { wait: { target: "#connection.live", actions: { type: "because", params: { why: "retry" } } } },
          on: {
            "world.online": { target: "backoff.hastened", actions: "takeWait" },
            "world.restored": { target: "backoff.hastened", actions: "takeWait" },
            "world.stashed": {
              target: "suspended",
              reenter: true,
              actions: ["takeWait", { type: "because", params: { why: "stashed" } }]
            }
          }
        },
        ended: {
          entry: "settle",
          on: {
            CLOSE: {},
            RECONNECT: {
              target: "#connection.live",
              actions: ["forgetFailures", { type: "because", params: { why: "reconnect" } }]
            }
          }
        }
      }
    },
    live: {
      entry: "nextGeneration",
      invoke: { id: "socket", src: "socket" },
      initial: "connecting",
      on: {
        RECONNECT: { target: "live", reenter: true, actions: { type: "because", params: { why: "reconnect" } } },
        CLOSE: { target: ".closing", actions: { type: "because", params: { why: "close" } } },
        "socket.closed": {
          guard: "current",
          target: "#connection.closed.deciding",
          actions: { type: "because", params: { why: "closed" } }
        },
        "world.stashed": {
          target: "#connection.closed.suspended",
          actions: ["takeWait", { type: "because", params: { why: "stashed" } }]
        }
      },
      states: {
        connecting: {
          tags: "CONNECTING",
          initial: "resolving",
          after: {
            connectTimeout: {
              target: "#connection.closed.deciding",
              actions: { type: "because", params: { why: "connect-timeout" } }
            }
          },
          on: {
            "world.online": {
              guard: "dialledOffline",
              target: "#connection.live",
              actions: { type: "because", params: { why: "online" } }
            }
          },
          states: {
            resolving: { on: { "socket.resolved": { guard: "current", target: "handshaking" } } },
            handshaking: { on: { "socket.opened": { guard: "current", target: "preparing" } } },
            preparing: {
              entry: "prepare",
              on: { "socket.prepared": { guard: "current", target: "#connection.live.open" } }
            }
          }
        },
        open: {
          tags: "OPEN",
          entry: "announceOpen",
          type: "parallel",
          states: {
            heartbeat: {
              initial: "resting",
              states: {
                resting: {
                  entry: "markProofs",
                  after: {
                    look: [
                      { guard: "heard", target: "resting", reenter: true },
                      { guard: "paused", target: "resting", reenter: true },
                      { target: "waiting", actions: "ping" }
                    ]
                  },
                  on: {
                    "world.online": { guard: "canPing", target: "probing", actions: "ping" },
                    "world.offline": { guard: "canPing", target: "probing", actions: "ping" },
                    "world.visible": { guard: "canPing", target: "probing", actions: "ping" },
                    "world.resumed": { guard: "canPing", target: "probing", actions: "ping" },
                    "world.woke": { guard: "canPing", target: "probing", actions: "ping" },
                    "world.restored": { guard: "canPing", target: "probing", actions: "ping" },
                    "socket.resumed": { guard: "canPingCurrent", target: "probing", actions: "ping" }
                  }
                },
                waiting: {
                  entry: "watch",
                  after: {
                    timeout: [
                      { guard: "paused", target: "resting" },
                      { guard: "moving", target: "waiting", reenter: true },
                      { target: "grace" }
                    ]
                  },
                  on: {
                    "socket.alive": { guard: "current", target: "resting" },
                    "world.online": { guard: "canPing", target: "probing" },
                    "world.offline": { guard: "canPing", target: "probing" },
                    "world.visible": { guard: "canPing", target: "probing" },
                    "world.resumed": { guard: "canPing", target: "probing" },
                    "world.woke": { guard: "canPing", target: "probing" },
                    "world.restored": { guard: "canPing", target: "probing" }
                  }
                },
                probing: {
                  entry: "watch",
                  after: {
                    probe: [
                      { guard: "paused", target: "resting" },
                      { guard: "moving", target: "probing", reenter: true },
                      { target: "grace" }
                    ]
                  },
                  on: { "socket.alive": { guard: "current", target: "resting" } }
                },
                grace: {
                  after: {
                    grace: [
                      { guard: "paused", target: "resting" },
                      {
                        target: "#connection.closed.deciding",
                        actions: { type: "because", params: { why: "heartbeat-timeout" } }
                      }
                    ]
                  },
                  on: { "socket.alive": { guard: "current", target: "resting" } }
                }
              }
            },
            stability: {
              initial: "settling",
              states: {
                settling: { after: { stableAfter: "stable" }, on: { HEALTHY: "stable" } },
                stable: { entry: "forgetFailures" }
              }
            }
          }
        },
        closing: {
          tags: "CLOSING",
          entry: "sayGoodbye",
          after: {
            closeTimeout: {
              target: "#connection.closed.ended",
              actions: { type: "because", params: { why: "close-timeout" } }
            }
          },
          on: {
            OPEN: {
              target: "#connection.live",
              actions: ["forgetFailures", { type: "because", params: { why: "open" } }]
            },
            CLOSE: {},
            "socket.closed": { guard: "current", target: "#connection.closed.ended" },
            "world.stashed": { target: "#connection.closed.ended" }
          }
        }
      }
    }
  }
};
const contextFields = ["gen", "failures", "wait", "hinted", "mark", "why"];
const eventFields = ["gen", "code", "delay", "hinted", "wait"];
function pick(source, fields) {
  const picked = {};
  for (const field of fields) {
    const value = source[field];
    if (typeof value === "number" || typeof value === "boolean" || typeof value === "string")
      picked[field] = value;
  }
  return picked;
}
function copy(value) {
  if (typeof value !== "object" || value === null)
    return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copy(inner)]));
}
function projectSnapshot({ status, value, tags: tags2 = [], context = {} }) {
  const bare = { status, output: void 0, error: void 0 };
  if (value === void 0)
    return bare;
  return { ...bare, value: copy(value), tags: [...tags2], context: pick(context, contextFields) };
}
function projectEvent(event) {
  return { type: event.type, ...pick(event, eventFields) };
}
function attachInspector(engine, tasks, observer) {
  let attached = true;
  const failed2 = (thrown) => tasks.fail("ERR_INSPECTOR", "an inspector", thrown);
  const tell = (event) => tasks.enqueue(() => {
    var _a;
    if (!attached)
      return;
    try {
      const returned = typeof observer === "function" ? observer(event) : (_a = observer.next) == null ? void 0 : _a.call(observer, event);
      onRejection(returned, failed2);
    } catch (thrown) {
      failed2(thrown);
    }
  });
  const off = engine.inspect === void 0 ? watch(engine, tell) : engine.inspect(tell);
  return () => {
    attached = false;
    off();
  };
}
let sessions = 0;
const sessionIds = /* @__PURE__ */ new WeakMap();
function sessionOf(engine) {
  const known2 = sessionIds.get(engine);
  if (known2 !== void 0)
    return known2;
  const id = `c:${sessions++}`;
  sessionIds.set(engine, id);
  return id;
}
function timeUpType(state) {
  const keys = names$1.split(" ");
  const path = [];
  for (let each = state; parents[each] >= 0; each = parents[each])
    path.unshift(keys[each]);
  const defined = path.reduce((outer, key) => {
    var _a;
    return (_a = outer == null ? void 0 : outer.states) == null ? void 0 : _a[key];
  }, definition);
  return `xstate.after.${Object.keys((defined == null ? void 0 : defined.after) ?? {}).join()}.${[keys[0], ...path].join(".")}`;
}
function eventOf(subject) {
  if (typeof subject === "object")
    return projectEvent(subject);
  return { type: subject < 0 ? "xstate.stop" : timeUpType(subject) };
}
const allTags = Object.keys(tags);
function rootSnapshot({ snapshot: snapshot2, status }) {
  const { value, context } = snapshot2;
  return projectSnapshot({ status, value, context, tags: allTags.filter((tag) => snapshot2.hasTag(tag)) });
}
const actor = (sessionId, snapshot2, part) => ({ sessionId, getSnapshot: () => snapshot2, send: () => {
}, ...part });
function watch(engine, tell) {
  const rootId = sessionOf(engine);
  const root = () => actor(rootId, rootSnapshot(engine), { id: rootId, logic: { config: definition } });
  const socket2 = (gen, status) => actor(`${rootId}.${gen}`, projectSnapshot({ status }), { id: "socket", _parent: { sessionId: rootId } });
  const snapshot2 = (actorRef, event) => tell({ type: "@xstate.snapshot", rootId, actorRef, event, snapshot: actorRef.getSnapshot() });
  const introduce = (actorRef) => {
    tell({ type: "@xstate.actor", rootId, actorRef });
    snapshot2(actorRef, { type: "@xstate.init" });
  };
  const watcher = (moment, subject) => {
    const gen = subject;
    const event = { type: "xstate.init" };
    switch (moment) {
      case "sent": {
        const actorRef = root();
        const sourceRef = typeof subject === "number" ? actorRef : void 0;
        return tell({ type: "@xstate.event", rootId, actorRef, sourceRef, event: eventOf(subject) });
      }
      case "spawned":
        return tell({ type: "@xstate.actor", rootId, actorRef: socket2(gen, "active") });
      case "starting":
        return tell({ type: "@xstate.event", rootId, actorRef: socket2(gen, "active"), sourceRef: root(), event });
      case "started":
        return snapshot2(socket2(gen, "active"), event);
      case "stopped":
        return snapshot2(socket2(gen, "stopped"), { type: "xstate.stop" });
      case "taken":
        return snapshot2(root(), eventOf(subject));
    }
  };
  introduce(root());
  if (engine.socket !== void 0)
    introduce(socket2(engine.socket, "active"));
  engine.watchers = [...engine.watchers, watcher];
  return () => {
    engine.watchers = engine.watchers.filter((each) => each !== watcher);
  };
}
class Inspection {
  constructor(core, observer) {
    __privateAdd(this, _core17);
    __privateAdd(this, _observer2);
    __privateSet(this, _core17, core);
    __privateSet(this, _observer2, observer);
  }
  onReady() {
    if (__privateGet(this, _observer2) !== void 0)
      this.inspect(__privateGet(this, _observer2));
  }
  inspect(observer) {
    const core = __privateGet(this, _core17);
    let off = () => {
    };
    core.turn(() => off = attachInspector(core.engine, core, observer));
    return () => off();
  }
}
_core17 = new WeakMap();
_observer2 = new WeakMap();
const inspection = (observer) => ({
  name: "inspection",
  members: ["inspect"],
  attach: (core) => new Inspection(core, observer)
});
const tick$1 = 5e3;
const gap = tick$1;
const tickers$1 = /* @__PURE__ */ new WeakMap();
function onWake(clock, listener) {
  const ticker = tickers$1.get(clock) ?? { listeners: /* @__PURE__ */ new Set(), clock, handle: void 0 };
  tickers$1.set(clock, ticker);
  ticker.listeners.add(listener);
  if (ticker.listeners.size === 1)
    arm(clock, ticker);
}
function offWake(clock, listener) {
  const ticker = tickers$1.get(clock);
  if (!(ticker == null ? void 0 : ticker.listeners.delete(listener)) || ticker.listeners.size > 0)
    return;
  onRejection(ticker.clock.clearTimeout(ticker.handle), (thrown) => listener.clockFailed(thrown));
}
function arm(clock, ticker) {
  const failed2 = (thrown) => ticker.listeners.forEach((listener) => listener.clockFailed(thrown));
  const read = () => {
    try {
      return { now: readClock(clock, "now"), wall: readClock(clock, "wall") };
    } catch (thrown) {
      failed2(thrown);
      return void 0;
    }
  };
  const before = read();
  const look2 = () => {
    if (ticker.listeners.size === 0)
      return;
    const after = read();
    arm(clock, ticker);
    if (before === void 0 || after === void 0)
      return;
    const gone = Math.max(after.now - before.now, after.wall - before.wall);
    if (gone > tick$1 + gap)
      for (const listener of ticker.listeners)
        listener.woke();
  };
  ticker.clock = clock;
  try {
    ticker.handle = setTimer(clock, look2, tick$1);
    unref(ticker.handle);
  } catch (thrown) {
    failed2(thrown);
    ticker.clock = systemClock;
    ticker.handle = systemClock.setTimeout(look2, tick$1);
    unref(ticker.handle);
  }
}
class World {
  constructor(options2, listener) {
    __privateAdd(this, _World_instances);
    __privateAdd(this, _options);
    __privateAdd(this, _listener);
    /** While it listens. `stop`: what makes the environment silent again, once it has given that. */
    __privateAdd(this, _listening);
    __privateAdd(this, _hidden, false);
    /** A gap in time is what a hidden page has every minute, and no sleep. `visible` will tell when it is over. */
    __privateAdd(this, _deaf, false);
    __privateSet(this, _options, options2);
    __privateSet(this, _listener, listener);
  }
  get online() {
    return __privateMethod(this, _World_instances, guard_fn).call(this, () => __privateGet(this, _options).environment.online()) !== false;
  }
  /** Nobody sees the page, so the browser may hold its timers back. */
  get hidden() {
    return __privateGet(this, _hidden);
  }
  start() {
    if (__privateGet(this, _listening) !== void 0)
      return;
    const { clock, environment } = __privateGet(this, _options);
    const listening = __privateSet(this, _listening, { stop: void 0 });
    __privateSet(this, _hidden, __privateSet(this, _deaf, false));
    __privateMethod(this, _World_instances, guard_fn).call(this, () => onWake(clock, this));
    const notify = (signal) => {
      if (__privateGet(this, _listening) === listening)
        __privateMethod(this, _World_instances, hear_fn).call(this, signal);
    };
    listening.stop = __privateMethod(this, _World_instances, guard_fn).call(this, () => outsideAngular(() => environment.subscribe(notify)));
  }
  stop() {
    const listening = __privateGet(this, _listening);
    if (listening === void 0)
      return;
    __privateSet(this, _listening, void 0);
    __privateMethod(this, _World_instances, guard_fn).call(this, () => offWake(__privateGet(this, _options).clock, this));
    const { stop: stop2 } = listening;
    if (typeof stop2 === "function")
      __privateMethod(this, _World_instances, guard_fn).call(this, stop2);
  }
  woke() {
    if (__privateGet(this, _listening) !== void 0 && !__privateGet(this, _deaf))
      __privateMethod(this, _World_instances, hear_fn).call(this, "woke");
  }
  clockFailed(thrown) {
    __privateGet(this, _listener).fail("ERR_ENVIRONMENT", "the environment", thrown);
  }
}
_options = new WeakMap();
_listener = new WeakMap();
_listening = new WeakMap();
_hidden = new WeakMap();
_deaf = new WeakMap();
_World_instances = new WeakSet();
hear_fn = function(signal) {
  if (typeof signal !== "string") {
    this.clockFailed(new TypeError(explain("ERR_ENVIRONMENT", "not-a-signal", [typeof signal])));
    return;
  }
  if (signal === "hidden")
    __privateSet(this, _hidden, __privateSet(this, _deaf, true));
  else if (signal === "visible" || signal === "restored")
    __privateSet(this, _hidden, __privateSet(this, _deaf, false));
  else if (signal === "resumed")
    __privateSet(this, _deaf, false);
  __privateGet(this, _listener).hear(signal);
};
guard_fn = function(call) {
  try {
    const returned = call();
    onRejection(returned, (thrown) => this.clockFailed(thrown));
    return returned;
  } catch (thrown) {
    this.clockFailed(thrown);
    return void 0;
  }
};
const events = [
  ["window", "online", false],
  ["window", "offline", false],
  // Captured, this would be the focus of every element.
  ["window", "focus", false],
  // Captured, to run before the listeners of the app: what these send when the page is back is for a new socket.
  ["window", "pagehide", true],
  ["window", "pageshow", true],
  ["document", "visibilitychange", true],
  ["document", "freeze", true],
  ["document", "resume", true]
];
const meanings = {
  focus: () => "visible",
  freeze: () => "frozen",
  resume: () => "resumed",
  visibilitychange: () => document.visibilityState === "hidden" ? "hidden" : "visible"
};
const pageEnvironment = {
  // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- Node has a navigator without onLine
  online: () => {
    var _a;
    return ((_a = globalThis.navigator) == null ? void 0 : _a.onLine) !== false;
  },
  subscribe(notify) {
    const { document: document2 } = globalThis;
    let cached = false;
    let told = false;
    const stash = () => {
      if (!told)
        notify("stashed");
      told = true;
    };
    const hear = (event) => {
      var _a;
      const { type } = event;
      if (type === "pagehide") {
        cached = event.persisted;
        told = false;
      } else if (type === "pageshow") {
        if (!event.persisted)
          return;
        stash();
        cached = false;
        notify("restored");
      } else {
        if (type === "freeze" && cached)
          document2.addEventListener("freeze", stash, { once: true });
        const signal = ((_a = meanings[type]) == null ? void 0 : _a.call(meanings)) ?? type;
        if (cached && (signal === "visible" || signal === "resumed"))
          stash();
        notify(signal);
      }
    };
    const listen = (how) => {
      var _a;
      for (const [target, type, capture] of events) {
        const from = target === "window" ? globalThis : document2;
        (_a = from == null ? void 0 : from[how]) == null ? void 0 : _a.call(from, type, hear, capture);
      }
    };
    listen("addEventListener");
    if ((document2 == null ? void 0 : document2.visibilityState) === "hidden")
      notify("hidden");
    return () => listen("removeEventListener");
  }
};
const hastenWithin = 1e3;
const holdFor = 6e4;
class Lifecycle {
  constructor(core, environment, clock) {
    __privateAdd(this, _core18);
    __privateAdd(this, _world);
    __privateSet(this, _core18, core);
    __privateSet(this, _world, new World({ clock, environment }, this));
  }
  get environment() {
    return this;
  }
  get online() {
    return __privateGet(this, _world).online;
  }
  get hidden() {
    return __privateGet(this, _world).hidden;
  }
  onState(state) {
    if (state === "idle" || state === "ended")
      __privateGet(this, _world).stop();
    else
      __privateGet(this, _world).start();
  }
  fail(code, what, thrown) {
    __privateGet(this, _core18).fail(code, what, thrown);
  }
  hear(signal) {
    const core = __privateGet(this, _core18);
    const holds = signal === "offline" || signal === "stashed";
    const now = core.timers.now();
    const least = Math.max(0, core.notBefore - now);
    const wait2 = holds ? Math.max(holdFor, least) : least + core.random() * hastenWithin;
    const left = core.status.state === "backoff" && !holds ? core.waitEnds - now : wait2;
    core.chart({ type: `world.${signal}`, wait: Math.max(0, Math.min(wait2, left)) });
  }
}
_core18 = new WeakMap();
_world = new WeakMap();
const lifecycle = (environment = pageEnvironment, clock = plainClock) => ({
  name: "lifecycle",
  attach: (core) => new Lifecycle(core, environment, clock)
});
class Fifo {
  constructor() {
    __privateAdd(this, _items, []);
    __privateAdd(this, _head2, 0);
  }
  get size() {
    return __privateGet(this, _items).length - __privateGet(this, _head2);
  }
  push(item) {
    __privateGet(this, _items).push(item);
  }
  shift() {
    const item = __privateGet(this, _items)[__privateGet(this, _head2)];
    if (this.size === 0)
      return void 0;
    __privateGet(this, _items)[__privateWrapper(this, _head2)._++] = void 0;
    if (__privateGet(this, _head2) * 2 > __privateGet(this, _items).length) {
      __privateSet(this, _items, __privateGet(this, _items).slice(__privateGet(this, _head2)));
      __privateSet(this, _head2, 0);
    }
    return item;
  }
}
_items = new WeakMap();
_head2 = new WeakMap();
const bounds = { messages: 1e3, size: 1048576 };
const surplus$1 = 32768;
class PreparingLink {
  /** `overflowed`: the server sends more than is read, and the socket cannot be paused. */
  constructor(socket2, protocol, overflowed) {
    __privateAdd(this, _PreparingLink_instances);
    __publicField(this, "protocol");
    __privateAdd(this, _overflowed);
    __privateAdd(this, _socket);
    __privateAdd(this, _frames, new Fifo());
    __privateAdd(this, _size2, 0);
    __privateAdd(this, _paused, false);
    __privateAdd(this, _readers, new Fifo());
    __privateSet(this, _socket, socket2);
    this.protocol = protocol;
    __privateSet(this, _overflowed, overflowed);
  }
  /** Reactive state takes it for an object of the platform, and leaves it as it is. */
  get [Symbol.toStringTag]() {
    return "Link";
  }
  send(data) {
    if (__privateGet(this, _socket) === void 0)
      throw __privateMethod(this, _PreparingLink_instances, over_fn).call(this);
    __privateGet(this, _socket).send(data);
  }
  read() {
    const frame = __privateGet(this, _frames).shift();
    if (frame !== void 0) {
      __privateSet(this, _size2, __privateGet(this, _size2) - quickSize(frame));
      if (__privateGet(this, _frames).size <= bounds.messages / 2 && __privateGet(this, _size2) <= bounds.size / 2)
        __privateMethod(this, _PreparingLink_instances, resume_fn).call(this);
      return Promise.resolve(frame);
    }
    if (__privateGet(this, _socket) === void 0)
      return Promise.reject(__privateMethod(this, _PreparingLink_instances, over_fn).call(this));
    const next = new Promise((resolve, reject) => __privateGet(this, _readers).push({ resolve, reject }));
    next.catch(() => {
    });
    return next;
  }
  take(frame) {
    const reader = __privateGet(this, _readers).shift();
    if (reader) {
      reader.resolve(frame);
      return;
    }
    __privateGet(this, _frames).push(frame);
    __privateSet(this, _size2, __privateGet(this, _size2) + quickSize(frame));
    if (__privateGet(this, _frames).size < bounds.messages && __privateGet(this, _size2) < bounds.size)
      return;
    __privateMethod(this, _PreparingLink_instances, pause_fn).call(this);
    const { size } = __privateGet(this, _frames);
    if (__privateGet(this, _paused) && size < bounds.messages + surplus$1)
      return;
    __privateGet(this, _overflowed).call(this, makeError("ERR_PREPARE", "prepare-unread", [size]));
  }
  /** `prepare` is done, or the attempt is: what was not read is handed over. */
  end() {
    __privateMethod(this, _PreparingLink_instances, resume_fn).call(this);
    __privateSet(this, _socket, void 0);
    for (let reader; reader = __privateGet(this, _readers).shift(); )
      reader.reject(__privateMethod(this, _PreparingLink_instances, over_fn).call(this));
    const unread = [];
    for (let frame; (frame = __privateGet(this, _frames).shift()) !== void 0; )
      unread.push(frame);
    __privateSet(this, _size2, 0);
    return unread;
  }
}
_overflowed = new WeakMap();
_socket = new WeakMap();
_frames = new WeakMap();
_size2 = new WeakMap();
_paused = new WeakMap();
_readers = new WeakMap();
_PreparingLink_instances = new WeakSet();
pause_fn = function() {
  const socket2 = __privateGet(this, _socket);
  if (__privateGet(this, _paused) || (socket2 == null ? void 0 : socket2.pause) === void 0 || socket2.resume === void 0)
    return;
  __privateSet(this, _paused, true);
  socket2.pause();
};
resume_fn = function() {
  var _a, _b;
  if (!__privateGet(this, _paused))
    return;
  __privateSet(this, _paused, false);
  (_b = (_a = __privateGet(this, _socket)) == null ? void 0 : _a.resume) == null ? void 0 : _b.call(_a);
};
over_fn = function() {
  return makeError("ERR_ENDED", "link-over", []);
};
class Hooks {
  constructor(core, attempt) {
    __privateAdd(this, _link);
    __privateSet(this, _link, new PreparingLink(attempt.socket, attempt.protocol, (error) => attempt.fail({ error })));
    const context = {
      get signal() {
        return attempt.signal;
      }
    };
    void runAll(core, __privateGet(this, _link), context).then((prepared) => attempt.done(prepared), (thrown) => attempt.fail(failureOf$1(thrown)));
  }
  take(data) {
    __privateGet(this, _link).take(data);
  }
  end() {
    return __privateGet(this, _link).end();
  }
}
_link = new WeakMap();
function failureOf$1(cause) {
  return isRefused(cause) ? { error: makeError("ERR_REFUSED", "refused-by-prepare", [], { cause }), fatal: true } : { error: makeError("ERR_PREPARE", "prepare-threw", [], { cause }) };
}
async function runAll(core, link, context) {
  var _a, _b;
  let prepared;
  for (const part of core.parts)
    if (part.prepare !== void 0)
      prepared = await part.prepare(link, context);
  await ((_b = (_a = core.framing) == null ? void 0 : _a.handshake) == null ? void 0 : _b.call(_a, link, context));
  return prepared;
}
function preparation(core) {
  return core.preparation === void 0 ? { begin: (attempt) => new Hooks(core, attempt) } : void 0;
}
function prepare(hook) {
  return { name: "prepare", attach: (core) => ({ preparation: preparation(core), prepare: hook }) };
}
const surplus = 32768;
const none = [];
class Inboxes {
  constructor(source) {
    __privateAdd(this, _source);
    /** Most connections have no reader of this kind. */
    __privateAdd(this, _inboxes);
    __privateSet(this, _source, source);
  }
  create(bounds2, { signal, ended } = {}) {
    let forget;
    const inbox = new Inbox(__privateGet(this, _source), bounds2, () => {
      var _a, _b;
      (_a = __privateGet(this, _inboxes)) == null ? void 0 : _a.delete(inbox);
      if (((_b = __privateGet(this, _inboxes)) == null ? void 0 : _b.size) === 0)
        __privateSet(this, _inboxes, void 0);
      forget == null ? void 0 : forget();
      ended == null ? void 0 : ended();
    });
    (__privateGet(this, _inboxes) ?? __privateSet(this, _inboxes, /* @__PURE__ */ new Set())).add(inbox);
    if (signal == null ? void 0 : signal.aborted)
      void inbox.return();
    else if (signal !== void 0)
      forget = onAbort(signal, () => void inbox.return());
    return inbox;
  }
  /** A new socket reads until somebody stops it. */
  forgetPauses() {
    for (const inbox of __privateGet(this, _inboxes) ?? none)
      inbox.forgetPause();
  }
  finish() {
    for (const inbox of __privateGet(this, _inboxes) ?? none)
      inbox.finish();
  }
  /** `failure`: asked for each reader; `undefined`: it is done. */
  end(failure) {
    for (const inbox of __privateGet(this, _inboxes) ?? none)
      inbox.end(failure == null ? void 0 : failure());
  }
}
_source = new WeakMap();
_inboxes = new WeakMap();
class Inbox {
  constructor(source, bounds2, ended) {
    __privateAdd(this, _Inbox_instances);
    __privateAdd(this, _source2);
    __privateAdd(this, _bounds);
    __privateAdd(this, _stopListening);
    __privateAdd(this, _ended2);
    __privateAdd(this, _messages, new Fifo());
    __privateAdd(this, _bytes, 0);
    /** The source's size when it last called. */
    __privateAdd(this, _seen);
    __privateAdd(this, _waiting4, new Fifo());
    __privateAdd(this, _resume);
    __privateAdd(this, _overflow);
    __privateAdd(this, _over2, false);
    /** Why no message will come any more, until a reader was told. */
    __privateAdd(this, _failure2);
    __privateSet(this, _ended2, ended);
    __privateSet(this, _source2, source);
    __privateSet(this, _bounds, bounds2);
    __privateSet(this, _overflow, bounds2.overflow);
    __privateSet(this, _seen, source.size);
    __privateSet(this, _stopListening, source.add((message) => __privateMethod(this, _Inbox_instances, receive_fn).call(this, message)));
  }
  [asyncIterator]() {
    return this;
  }
  /** Reactive state takes it for an object of the platform, and leaves it as it is. */
  get [Symbol.toStringTag]() {
    return "Messages";
  }
  next() {
    const entry = __privateMethod(this, _Inbox_instances, shift_fn).call(this);
    if (entry !== void 0) {
      if (__privateMethod(this, _Inbox_instances, holds_fn).call(this, __privateGet(this, _bounds).limit / 2, __privateGet(this, _bounds).bytes / 2))
        __privateMethod(this, _Inbox_instances, read_fn2).call(this);
      return Promise.resolve({ done: false, value: entry.message });
    }
    if (!__privateGet(this, _over2))
      return new Promise((resolve) => __privateGet(this, _waiting4).push(resolve));
    const failure = __privateGet(this, _failure2);
    __privateSet(this, _failure2, void 0);
    return failure === void 0 ? Promise.resolve({ done: true, value: void 0 }) : Promise.reject(failure);
  }
  /** The reader is gone: nothing more is kept for it. */
  return() {
    __privateSet(this, _messages, new Fifo());
    __privateSet(this, _failure2, void 0);
    this.end();
    return Promise.resolve({ done: true, value: void 0 });
  }
  /** No message will come any more; what is here can still be read. After that a failure is told once, as generators do. */
  end(failure) {
    if (__privateGet(this, _over2))
      return;
    __privateSet(this, _over2, true);
    __privateSet(this, _failure2, failure);
    __privateGet(this, _stopListening).call(this);
    __privateGet(this, _ended2).call(this);
    __privateMethod(this, _Inbox_instances, read_fn2).call(this);
    for (let reader; reader = __privateGet(this, _waiting4).shift(); )
      reader(this.next());
  }
  /** A new socket reads; whether we want it to is asked again when the next message finds no room. */
  forgetPause() {
    __privateSet(this, _resume, void 0);
    __privateSet(this, _overflow, __privateGet(this, _bounds).overflow);
    if (__privateGet(this, _Inbox_instances, full_get))
      __privateMethod(this, _Inbox_instances, pause_fn2).call(this);
  }
  /**
   * We close, and the server's goodbye comes behind all that it still has to send: nobody stops the socket any more. What then
   * finds no room is the newest, so that what is read has no gap.
   */
  finish() {
    if (__privateGet(this, _overflow) === "pause")
      __privateSet(this, _overflow, "drop-newest");
    __privateMethod(this, _Inbox_instances, read_fn2).call(this);
  }
}
_source2 = new WeakMap();
_bounds = new WeakMap();
_stopListening = new WeakMap();
_ended2 = new WeakMap();
_messages = new WeakMap();
_bytes = new WeakMap();
_seen = new WeakMap();
_waiting4 = new WeakMap();
_resume = new WeakMap();
_overflow = new WeakMap();
_over2 = new WeakMap();
_failure2 = new WeakMap();
_Inbox_instances = new WeakSet();
full_get = function() {
  return __privateGet(this, _messages).size >= __privateGet(this, _bounds).limit || __privateGet(this, _bytes) >= __privateGet(this, _bounds).bytes;
};
holds_fn = function(messages, bytes) {
  return __privateGet(this, _messages).size <= messages && __privateGet(this, _bytes) <= bytes;
};
receive_fn = function(message) {
  const now = __privateGet(this, _source2).size;
  const size = now - __privateGet(this, _seen);
  __privateSet(this, _seen, now);
  const reader = __privateGet(this, _waiting4).shift();
  if (reader) {
    reader({ done: false, value: message });
  } else if (!__privateGet(this, _Inbox_instances, full_get)) {
    __privateMethod(this, _Inbox_instances, push_fn).call(this, message, size);
    if (__privateGet(this, _Inbox_instances, full_get))
      __privateMethod(this, _Inbox_instances, pause_fn2).call(this);
  } else if (__privateGet(this, _resume) && __privateGet(this, _messages).size < __privateGet(this, _bounds).limit + surplus) {
    __privateMethod(this, _Inbox_instances, push_fn).call(this, message, size);
  } else if (__privateGet(this, _overflow) === "drop-newest") {
    __privateGet(this, _source2).unread(message);
  } else {
    do
      __privateGet(this, _source2).unread(__privateMethod(this, _Inbox_instances, shift_fn).call(this).message);
    while (!__privateGet(this, _resume) && __privateGet(this, _Inbox_instances, full_get));
    __privateMethod(this, _Inbox_instances, push_fn).call(this, message, size);
  }
};
push_fn = function(message, size) {
  __privateGet(this, _messages).push({ message, size });
  __privateSet(this, _bytes, __privateGet(this, _bytes) + size);
};
shift_fn = function() {
  const entry = __privateGet(this, _messages).shift();
  __privateSet(this, _bytes, __privateGet(this, _bytes) - ((entry == null ? void 0 : entry.size) ?? 0));
  return entry;
};
pause_fn2 = function() {
  if (__privateGet(this, _overflow) === "pause" && !__privateGet(this, _over2))
    __privateGet(this, _resume) ?? __privateSet(this, _resume, __privateGet(this, _source2).hold());
};
read_fn2 = function() {
  var _a;
  (_a = __privateGet(this, _resume)) == null ? void 0 : _a.call(this);
  __privateSet(this, _resume, void 0);
};
const messagesDefaults = { limit: 1e3, bytes: 1048576, overflow: "pause" };
class Readers {
  constructor(core) {
    __privateAdd(this, _Readers_instances);
    /** Bytes of binary messages plus characters of text that readers were given, with the message that is being delivered. */
    __publicField(this, "size", 0);
    /** Messages that found no room with a reader. */
    __publicField(this, "lost", 0);
    __privateAdd(this, _core19);
    __privateAdd(this, _inboxes2, new Inboxes(this));
    __privateAdd(this, _listeners);
    __privateAdd(this, _leave);
    __privateAdd(this, _holders, 0);
    /** How many links there have been: a reader that held an old one has no say over the new one. */
    __privateAdd(this, _links, 0);
    __privateAdd(this, _pausedAt, 0);
    __privateSet(this, _core19, core);
  }
  messages(options2 = {}) {
    const { limit = messagesDefaults.limit, bytes = messagesDefaults.bytes, overflow = messagesDefaults.overflow, signal } = bag("messages", options2, ["limit", "bytes", "overflow", "signal"]);
    const bounds2 = {
      limit: count("messages.limit", limit, 1),
      bytes: count("messages.bytes", bytes, 1),
      overflow: oneOf("messages.overflow", overflow, ["pause", "drop-oldest", "drop-newest"])
    };
    return this.read(bounds2, signal === void 0 ? {} : { signal: checkSignal("messages.signal", signal) });
  }
  [asyncIterator]() {
    return this.messages();
  }
  read(bounds2, until2) {
    const inbox = __privateGet(this, _inboxes2).create(bounds2, until2);
    const { state } = __privateGet(this, _core19).status;
    if (state === "closing")
      inbox.finish();
    if (state === "ended")
      inbox.end(failureToReader(__privateGet(this, _core19), "messages()"));
    return inbox;
  }
  // What a reader asks for.
  /** Only while a reader exists does a message come by here. */
  add(listener) {
    if (__privateGet(this, _listeners) === void 0) {
      const listeners = __privateSet(this, _listeners, new Listeners((thrown) => __privateGet(this, _core19).fail("ERR_INTERNAL", "a reader", thrown)));
      __privateSet(this, _leave, __privateGet(this, _core19).use({
        onDelivered: (message, data) => {
          this.size += quickSize(data);
          listeners.emit(message);
        }
      }));
    }
    const remove = __privateGet(this, _listeners).add(listener);
    return () => {
      var _a, _b;
      remove();
      if (((_a = __privateGet(this, _listeners)) == null ? void 0 : _a.size) !== 0)
        return;
      __privateSet(this, _listeners, void 0);
      (_b = __privateGet(this, _leave)) == null ? void 0 : _b.call(this);
    };
  }
  unread(data) {
    this.lost++;
    __privateGet(this, _core19).tell(() => __privateGet(this, _core19).events.emit("dropped", { data, reason: "unread" }));
  }
  /** Stops reading until the returned function is called. `undefined`: there is no socket, or its transport cannot pause. */
  hold() {
    var _a;
    const { link } = __privateGet(this, _core19).outgoing;
    const socket2 = (link == null ? void 0 : link.socket) ?? ((_a = __privateGet(this, _core19).attempt) == null ? void 0 : _a.socket);
    if ((socket2 == null ? void 0 : socket2.pause) === void 0 || socket2.resume === void 0)
      return void 0;
    if (++__privateWrapper(this, _holders)._ === 1) {
      socket2.pause();
      __privateGet(this, _core19).paused = true;
      __privateSet(this, _pausedAt, __privateGet(this, _core19).timers.now());
    }
    const held = __privateGet(this, _links);
    let holds = true;
    return () => {
      if (!holds || __privateGet(this, _links) !== held)
        return;
      holds = false;
      if (--__privateWrapper(this, _holders)._ > 0)
        return;
      socket2.resume();
      __privateMethod(this, _Readers_instances, resumed_fn).call(this);
    };
  }
  // Moments.
  onLinked() {
    __privateGet(this, _inboxes2).forgetPauses();
  }
  /** The socket is gone, and with it whatever held it. */
  onEnd() {
    __privateWrapper(this, _links)._++;
    __privateSet(this, _holders, 0);
    __privateGet(this, _core19).paused = false;
  }
  onState(state) {
    if (state === "closing")
      __privateGet(this, _inboxes2).finish();
  }
  onSettled() {
    __privateGet(this, _inboxes2).end(() => failureToReader(__privateGet(this, _core19), "messages()"));
  }
}
_core19 = new WeakMap();
_inboxes2 = new WeakMap();
_listeners = new WeakMap();
_leave = new WeakMap();
_holders = new WeakMap();
_links = new WeakMap();
_pausedAt = new WeakMap();
_Readers_instances = new WeakSet();
resumed_fn = function() {
  const core = __privateGet(this, _core19);
  core.paused = false;
  if (core.attempt === void 0 || core.timers.now() - __privateGet(this, _pausedAt) < core.heartbeat.interval / 2)
    return;
  core.chart({ type: "socket.resumed", gen: core.gen });
};
const readers = () => ({
  name: "readers",
  members: ["messages", asyncIterator],
  attach: (core) => new Readers(core)
});
const leastRoom = 16;
class SendQueue {
  constructor(bounds2, host) {
    __privateAdd(this, _SendQueue_instances);
    __privateAdd(this, _bounds2);
    __privateAdd(this, _host);
    /** As long as a power of two. A hole is an entry that was taken out of the middle. */
    __privateAdd(this, _ring, []);
    /** The number of the oldest, and of the one to come. */
    __privateAdd(this, _head3, 0);
    __privateAdd(this, _tail, 0);
    __privateAdd(this, _size3, 0);
    __privateAdd(this, _bytes2, 0);
    /** The number of the one that waits under a key. */
    __privateAdd(this, _byKey);
    __privateAdd(this, _mayExpire, 0);
    /** Nothing here expires sooner. */
    __privateAdd(this, _soonest, Infinity);
    /** Something was refused that does not fit even into an empty queue. Only an open socket with room can take it. */
    __publicField(this, "refusedForGood", false);
    __privateSet(this, _bounds2, bounds2);
    __privateSet(this, _host, host);
  }
  get size() {
    return __privateGet(this, _size3);
  }
  /** From this many bytes on it does not matter how many more they are. */
  get mostBytes() {
    return __privateGet(this, _bounds2).bytes;
  }
  get bytes() {
    return __privateGet(this, _bytes2);
  }
  /** Throws `ERR_QUEUE_FULL` if so many could not all be pushed, because there is no room and nothing would make room. */
  admit(messages, bytes) {
    if (__privateGet(this, _bounds2).overflow !== "reject" || __privateMethod(this, _SendQueue_instances, fits_fn).call(this, messages, bytes))
      return;
    __privateMethod(this, _SendQueue_instances, dropExpired_fn).call(this);
    if (!__privateMethod(this, _SendQueue_instances, fits_fn).call(this, messages, bytes))
      throw __privateMethod(this, _SendQueue_instances, full_fn).call(this, messages, bytes);
  }
  /** Accepts, drops by policy, or throws `ERR_QUEUE_FULL`; a throw leaves the queue as it was, but for what had expired. */
  push(entry) {
    var _a;
    const { messages, bytes, overflow } = __privateGet(this, _bounds2);
    const full = () => {
      const freed = __privateMethod(this, _SendQueue_instances, under_fn).call(this, entry.key);
      return !__privateMethod(this, _SendQueue_instances, fits_fn).call(this, freed ? 0 : 1, entry.bytes - ((freed == null ? void 0 : freed.bytes) ?? 0));
    };
    if (full())
      __privateMethod(this, _SendQueue_instances, dropExpired_fn).call(this);
    if (full()) {
      if (overflow === "reject")
        throw __privateMethod(this, _SendQueue_instances, full_fn).call(this, 1, entry.bytes);
      if (overflow === "drop-newest" || entry.bytes > bytes || messages === 0) {
        __privateGet(this, _host).dropped(entry.message, "overflow");
        return "dropped";
      }
      const kept = __privateMethod(this, _SendQueue_instances, under_fn).call(this, entry.key);
      for (let at = __privateGet(this, _head3); at < __privateGet(this, _tail) && full(); at++) {
        if (kept === void 0 || __privateMethod(this, _SendQueue_instances, at_fn).call(this, at) !== kept)
          __privateMethod(this, _SendQueue_instances, drop_fn).call(this, at, "overflow");
      }
    }
    const older = entry.key === void 0 ? void 0 : (_a = __privateGet(this, _byKey)) == null ? void 0 : _a.get(entry.key);
    if (older !== void 0)
      __privateMethod(this, _SendQueue_instances, drop_fn).call(this, older, "replaced");
    __privateMethod(this, _SendQueue_instances, trim_fn).call(this);
    __privateMethod(this, _SendQueue_instances, insert_fn).call(this, entry);
    return "queued";
  }
  /** The next one to send, without those that expired; it stays until `shift`. */
  peek() {
    for (; __privateGet(this, _head3) < __privateGet(this, _tail); __privateWrapper(this, _head3)._++) {
      const entry = __privateMethod(this, _SendQueue_instances, at_fn).call(this, __privateGet(this, _head3));
      if (!entry)
        continue;
      if (entry.expires === Infinity || entry.expires > __privateGet(this, _host).now())
        return entry;
      __privateMethod(this, _SendQueue_instances, drop_fn).call(this, __privateGet(this, _head3), "expired");
    }
    __privateMethod(this, _SendQueue_instances, trim_fn).call(this);
    return void 0;
  }
  /** Takes out what `peek` returned. */
  shift() {
    __privateMethod(this, _SendQueue_instances, remove_fn2).call(this, __privateGet(this, _head3));
    __privateMethod(this, _SendQueue_instances, trim_fn).call(this);
  }
  /** Gives up on what `peek` returned. */
  refuse() {
    __privateMethod(this, _SendQueue_instances, drop_fn).call(this, __privateGet(this, _head3), "refused");
    __privateMethod(this, _SendQueue_instances, trim_fn).call(this);
  }
  /** Gives back everything but what has expired, oldest first. */
  takeAll() {
    const taken = [];
    for (let entry = this.peek(); entry; entry = this.peek()) {
      taken.push(entry.message);
      this.shift();
    }
    return taken;
  }
  /** Gives up on everything. */
  clear(reason) {
    for (let at = __privateGet(this, _head3); at < __privateGet(this, _tail); at++)
      __privateMethod(this, _SendQueue_instances, drop_fn).call(this, at, reason);
    __privateMethod(this, _SendQueue_instances, trim_fn).call(this);
  }
}
_bounds2 = new WeakMap();
_host = new WeakMap();
_ring = new WeakMap();
_head3 = new WeakMap();
_tail = new WeakMap();
_size3 = new WeakMap();
_bytes2 = new WeakMap();
_byKey = new WeakMap();
_mayExpire = new WeakMap();
_soonest = new WeakMap();
_SendQueue_instances = new WeakSet();
fits_fn = function(messages, bytes) {
  return __privateGet(this, _size3) + messages <= __privateGet(this, _bounds2).messages && __privateGet(this, _bytes2) + bytes <= __privateGet(this, _bounds2).bytes;
};
full_fn = function(messages, bytes) {
  const { messages: mostMessages, bytes: mostBytes } = __privateGet(this, _bounds2);
  if (messages > mostMessages || bytes > mostBytes) {
    this.refusedForGood = true;
    return makeError("ERR_QUEUE_FULL", "never-fits", [messages, bytes, mostMessages, mostBytes]);
  }
  return makeError("ERR_QUEUE_FULL", "queue-full", [
    __privateGet(this, _size3),
    __privateGet(this, _bytes2),
    messages,
    bytes,
    mostMessages,
    mostBytes
  ]);
};
at_fn = function(number) {
  return __privateGet(this, _ring)[number % __privateGet(this, _ring).length];
};
under_fn = function(key) {
  var _a;
  const number = key === void 0 ? void 0 : (_a = __privateGet(this, _byKey)) == null ? void 0 : _a.get(key);
  return number === void 0 ? void 0 : __privateMethod(this, _SendQueue_instances, at_fn).call(this, number);
};
/** A walk over everything, but only when something is due; the walk finds out when the next one is. */
dropExpired_fn = function() {
  var _a;
  if (__privateGet(this, _mayExpire) === 0)
    return;
  const now = __privateGet(this, _host).now();
  if (__privateGet(this, _soonest) > now)
    return;
  __privateSet(this, _soonest, Infinity);
  for (let at = __privateGet(this, _head3); at < __privateGet(this, _tail); at++) {
    const expires = ((_a = __privateMethod(this, _SendQueue_instances, at_fn).call(this, at)) == null ? void 0 : _a.expires) ?? Infinity;
    if (expires <= now)
      __privateMethod(this, _SendQueue_instances, drop_fn).call(this, at, "expired");
    else
      __privateSet(this, _soonest, Math.min(__privateGet(this, _soonest), expires));
  }
};
insert_fn = function(entry) {
  const room = __privateGet(this, _ring).length;
  if (__privateGet(this, _tail) - __privateGet(this, _head3) === room)
    __privateMethod(this, _SendQueue_instances, move_fn).call(this, __privateGet(this, _size3) * 2 < room ? room : room * 2);
  if (entry.key !== void 0)
    (__privateGet(this, _byKey) ?? __privateSet(this, _byKey, /* @__PURE__ */ new Map())).set(entry.key, __privateGet(this, _tail));
  __privateGet(this, _ring)[__privateWrapper(this, _tail)._++ % __privateGet(this, _ring).length] = entry;
  __privateWrapper(this, _size3)._++;
  __privateSet(this, _bytes2, __privateGet(this, _bytes2) + entry.bytes);
  if (entry.expires === Infinity)
    return;
  __privateWrapper(this, _mayExpire)._++;
  __privateSet(this, _soonest, Math.min(__privateGet(this, _soonest), entry.expires));
};
drop_fn = function(number, reason) {
  const entry = __privateMethod(this, _SendQueue_instances, remove_fn2).call(this, number);
  if (entry)
    __privateGet(this, _host).dropped(entry.message, reason);
};
remove_fn2 = function(number) {
  var _a;
  const entry = __privateMethod(this, _SendQueue_instances, at_fn).call(this, number);
  if (!entry)
    return void 0;
  __privateGet(this, _ring)[number % __privateGet(this, _ring).length] = void 0;
  __privateWrapper(this, _size3)._--;
  __privateSet(this, _bytes2, __privateGet(this, _bytes2) - entry.bytes);
  if (entry.key !== void 0)
    (_a = __privateGet(this, _byKey)) == null ? void 0 : _a.delete(entry.key);
  if (entry.expires !== Infinity)
    __privateWrapper(this, _mayExpire)._--;
  return entry;
};
/** Leaves no hole at the front, and no more of them behind it than each message can pay for by being moved seldom. */
trim_fn = function() {
  while (__privateGet(this, _head3) < __privateGet(this, _tail) && __privateMethod(this, _SendQueue_instances, at_fn).call(this, __privateGet(this, _head3)) === void 0)
    __privateWrapper(this, _head3)._++;
  if (__privateGet(this, _size3) === 0) {
    __privateSet(this, _head3, __privateSet(this, _tail, 0));
    if (__privateGet(this, _ring).length > leastRoom)
      __privateSet(this, _ring, []);
  } else if (__privateGet(this, _ring).length > leastRoom && __privateGet(this, _size3) * 4 < __privateGet(this, _tail) - __privateGet(this, _head3)) {
    __privateMethod(this, _SendQueue_instances, move_fn).call(this, __privateGet(this, _ring).length / 2);
  }
};
/** Everything into another ring, without the holes, and numbered anew. */
move_fn = function(room) {
  var _a;
  const ring = [];
  for (let at = __privateGet(this, _head3); at < __privateGet(this, _tail); at++) {
    const entry = __privateMethod(this, _SendQueue_instances, at_fn).call(this, at);
    if (!entry)
      continue;
    if (entry.key !== void 0)
      (_a = __privateGet(this, _byKey)) == null ? void 0 : _a.set(entry.key, ring.length);
    ring.push(entry);
  }
  __privateSet(this, _head3, 0);
  __privateSet(this, _tail, ring.length);
  ring.length = Math.max(room, leastRoom);
  __privateSet(this, _ring, ring);
};
const queueDefaults = { messages: 1e3, bytes: 1048576, overflow: "reject" };
class RichQueue {
  constructor(core, bounds2) {
    __privateAdd(this, _RichQueue_instances);
    __privateAdd(this, _entries3);
    __privateAdd(this, _core20);
    __privateSet(this, _core20, core);
    __privateSet(this, _entries3, new SendQueue(bounds2, this));
  }
  get queue() {
    return this;
  }
  // What the entries ask for.
  now() {
    return __privateGet(this, _core20).timers.now();
  }
  dropped(entry, reason) {
    __privateGet(this, _core20).outgoing.drop(entry, reason);
  }
  // What the core asks for.
  get size() {
    return __privateGet(this, _entries3).size;
  }
  get bytes() {
    return __privateGet(this, _entries3).bytes;
  }
  get refusedForGood() {
    return __privateGet(this, _entries3).refusedForGood;
  }
  onLinked() {
    __privateGet(this, _entries3).refusedForGood = false;
  }
  onSend({ ttl, key }) {
    if (ttl !== void 0)
      duration("send.ttl", ttl, { max: Infinity });
    if (key !== void 0 && typeof key !== "string")
      wrongOption("send.key", key, "not-a-string");
  }
  admit(batch2) {
    __privateGet(this, _entries3).admit(batch2.length, batch2.reduce((sum, data) => sum + __privateMethod(this, _RichQueue_instances, sizeOf_fn).call(this, data), 0));
  }
  push(entry) {
    const { ttl = Infinity, key } = entry.options ?? {};
    const expires = ttl === Infinity ? Infinity : this.now() + ttl;
    return __privateGet(this, _entries3).push({ data: entry.data, message: entry, bytes: __privateMethod(this, _RichQueue_instances, sizeOf_fn).call(this, entry.data), key, expires });
  }
  peek() {
    var _a;
    return (_a = __privateGet(this, _entries3).peek()) == null ? void 0 : _a.message;
  }
  shift() {
    __privateGet(this, _entries3).shift();
  }
  clear(reason) {
    __privateGet(this, _entries3).clear(reason);
  }
  withdraw() {
    let taken = [];
    __privateGet(this, _core20).turn(() => taken = __privateGet(this, _entries3).takeAll());
    return taken.map(({ message }) => message);
  }
}
_entries3 = new WeakMap();
_core20 = new WeakMap();
_RichQueue_instances = new WeakSet();
/** Of a message that fits it is exact. */
sizeOf_fn = function(data) {
  return byteLength(data, __privateGet(this, _entries3).mostBytes);
};
function richQueue(bounds2 = {}) {
  const all = { ...queueDefaults, ...bounds2 };
  return { name: "richQueue", members: ["withdraw"], attach: (core) => new RichQueue(core, all) };
}
const growth = { large: 4, blind: 2 };
const most = 16;
const large = 65536;
const enough = 10;
class PatienceFactor {
  constructor() {
    __privateAdd(this, _factor, 1);
    /** What has to be carried in time before the factor is forgotten. Bytes. */
    __privateAdd(this, _load, 0);
    __privateAdd(this, _answers, 0);
  }
  get value() {
    return __privateGet(this, _factor);
  }
  /** A link was given up. `unproved`: bytes that had been handed to it. `blind`: what it was receiving could not be seen. */
  gaveUp({ unproved, blind }) {
    __privateSet(this, _answers, 0);
    if (unproved >= large)
      __privateSet(this, _load, large);
    else if (!blind)
      return;
    __privateSet(this, _factor, Math.min(most, __privateGet(this, _factor) * (unproved >= large ? growth.large : growth.blind)));
  }
  /** An answer came within the plain timeout. `proved`: bytes that it had to wait for. */
  answered(proved) {
    if (proved < __privateGet(this, _load) && ++__privateWrapper(this, _answers)._ < enough)
      return;
    __privateSet(this, _factor, 1);
    __privateSet(this, _load, 0);
    __privateSet(this, _answers, 0);
  }
}
_factor = new WeakMap();
_load = new WeakMap();
_answers = new WeakMap();
class SlowLinks {
  constructor(core) {
    __privateAdd(this, _SlowLinks_instances);
    __privateAdd(this, _core21);
    __privateAdd(this, _factor2, new PatienceFactor());
    /** How far the socket was when it was last watched. `undefined`: it does not say. */
    __privateAdd(this, _last2);
    __privateSet(this, _core21, core);
  }
  get patience() {
    return this;
  }
  get factor() {
    return __privateGet(this, _factor2).value;
  }
  watch() {
    var _a, _b;
    __privateSet(this, _last2, (_b = (_a = __privateGet(this, _SlowLinks_instances, socket_get)) == null ? void 0 : _a.throughput) == null ? void 0 : _b.call(_a));
  }
  /** Where only a pong proves life, what was read proves nothing. */
  get moving() {
    var _a, _b;
    const before = __privateGet(this, _last2);
    const now = (_b = (_a = __privateGet(this, _SlowLinks_instances, socket_get)) == null ? void 0 : _a.throughput) == null ? void 0 : _b.call(_a);
    if (before === void 0 || now === void 0)
      return false;
    if (__privateGet(this, _core21).anyProves && now.read > before.read)
      return true;
    return before.waiting > 0 && (now.written > before.written || now.waiting < before.waiting);
  }
  answered(rtt, proved) {
    if (rtt <= __privateGet(this, _core21).heartbeat.timeout)
      __privateGet(this, _factor2).answered(proved);
  }
  onEnd({ attempt, why }) {
    const blind = __privateGet(this, _last2) === void 0;
    __privateSet(this, _last2, void 0);
    if (why === "heartbeat-timeout")
      __privateGet(this, _factor2).gaveUp({ unproved: attempt.bytes - attempt.provenBytes, blind });
  }
}
_core21 = new WeakMap();
_factor2 = new WeakMap();
_last2 = new WeakMap();
_SlowLinks_instances = new WeakSet();
socket_get = function() {
  var _a;
  return (_a = __privateGet(this, _core21).attempt) == null ? void 0 : _a.socket;
};
const slowLinks = () => ({ name: "slowLinks", attach: (core) => new SlowLinks(core) });
class Store {
  constructor(core) {
    __privateAdd(this, _core22);
    __privateAdd(this, _subscribe);
    __privateAdd(this, _getSnapshot);
    __privateSet(this, _core22, core);
  }
  // Made when they are asked for, and then the same.
  get subscribe() {
    const { events: events2, listening } = __privateGet(this, _core22);
    return __privateGet(this, _subscribe) ?? __privateSet(this, _subscribe, (listener) => {
      const off = listening === void 0 ? events2.add("state", listener) : listening.on("state", listener, void 0);
      events2.call("state", listener, __privateGet(this, _core22).status);
      return off;
    });
  }
  get getSnapshot() {
    return __privateGet(this, _getSnapshot) ?? __privateSet(this, _getSnapshot, () => __privateGet(this, _core22).status);
  }
  /** RxJS looks for `Symbol.observable`, and under this name where that is not defined. */
  ["@@observable"]() {
    return {
      subscribe: (observer) => ({ unsubscribe: this.subscribe((status) => {
        var _a;
        return (_a = observer.next) == null ? void 0 : _a.call(observer, status);
      }) })
    };
  }
}
_core22 = new WeakMap();
_subscribe = new WeakMap();
_getSnapshot = new WeakMap();
const store = () => ({
  name: "store",
  members: ["subscribe", "getSnapshot", "@@observable"],
  attach: (core) => new Store(core)
});
function checkStreams(name) {
  if (name in globalThis)
    return;
  throw makeError("ERR_MISSING_PEER", "no-stream", [name]);
}
function readableOf(inbox) {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await inbox.next();
      if (done)
        controller.close();
      else
        controller.enqueue(value);
    },
    cancel: () => void inbox.return()
  });
}
const ahead = 65536;
const unknown = 4096;
function sizeOf(message) {
  try {
    const { byteLength: byteLength2, size, length } = message ?? {};
    return byteLength2 ?? size ?? length ?? 0;
  } catch {
    return 0;
  }
}
function writableOf(sink, coded, ended) {
  let controller;
  const write = async (message, until2) => {
    for (; ; ) {
      try {
        sink.send(message);
        return await sink.drained(until2);
      } catch (error) {
        if ((error == null ? void 0 : error.code) !== "ERR_QUEUE_FULL") {
          ended();
          throw error;
        }
      }
      await sink.drained(until2);
    }
  };
  const stream = new WritableStream({
    start: (its) => void (controller = its),
    write,
    close: ended,
    abort: ended
  }, {
    highWaterMark: ahead,
    size: coded ? () => unknown : sizeOf
  });
  return { stream, controller };
}
class Streams {
  constructor(core) {
    __privateAdd(this, _Streams_instances);
    __privateAdd(this, _core23);
    __privateAdd(this, _readable);
    __privateAdd(this, _writable);
    __privateSet(this, _core23, core);
  }
  get readable() {
    if (__privateGet(this, _readable) !== void 0)
      return __privateGet(this, _readable);
    checkStreams("ReadableStream");
    const readers2 = __privateGet(this, _core23).part("readers");
    const readable2 = readableOf(readers2.read(messagesDefaults, { ended: () => __privateSet(this, _readable, void 0) }));
    if (!__privateGet(this, _Streams_instances, hasEnded_get))
      __privateSet(this, _readable, readable2);
    return readable2;
  }
  get writable() {
    checkStreams("WritableStream");
    const view = __privateGet(this, _writable) ?? writableOf(this, __privateGet(this, _core23).codec !== void 0, () => {
      if (__privateGet(this, _writable) === view)
        __privateSet(this, _writable, void 0);
    });
    if (__privateGet(this, _Streams_instances, hasEnded_get))
      view.controller.error(__privateGet(this, _core23).over("writable"));
    else
      __privateSet(this, _writable, view);
    return view.stream;
  }
  send(message) {
    return __privateGet(this, _core23).outgoing.send(message, void 0);
  }
  drained(until2) {
    return __privateGet(this, _core23).part("backpressure").drained(until2);
  }
  onSettled() {
    var _a;
    (_a = __privateGet(this, _writable)) == null ? void 0 : _a.controller.error(__privateGet(this, _core23).over("writable"));
    __privateSet(this, _writable, void 0);
  }
}
_core23 = new WeakMap();
_readable = new WeakMap();
_writable = new WeakMap();
_Streams_instances = new WeakSet();
hasEnded_get = function() {
  return __privateGet(this, _core23).status.state === "ended";
};
const streams = () => ({
  name: "streams",
  needs: ["readers", "backpressure"],
  members: ["readable", "writable"],
  attach: (core) => new Streams(core)
});
class Until {
  constructor(core, signal) {
    __privateAdd(this, _core24);
    __privateAdd(this, _signal2);
    __privateAdd(this, _forget);
    __privateSet(this, _core24, core);
    __privateSet(this, _signal2, signal);
  }
  onReady() {
    if (__privateGet(this, _signal2).aborted)
      __privateGet(this, _core24).command("CLOSE");
    else
      this.onState("idle");
  }
  onCommand(type) {
    if (type === "CLOSE" || !__privateGet(this, _signal2).aborted)
      return;
    throw makeError("ERR_ENDED", "ended-aborted", [`${type.toLowerCase()}()`]);
  }
  onState(state) {
    var _a;
    if (state !== "ended")
      __privateGet(this, _forget) ?? __privateSet(this, _forget, onAbort(__privateGet(this, _signal2), () => __privateGet(this, _core24).command("CLOSE", {})));
    else {
      (_a = __privateGet(this, _forget)) == null ? void 0 : _a.call(this);
      __privateSet(this, _forget, void 0);
    }
  }
}
_core24 = new WeakMap();
_signal2 = new WeakMap();
_forget = new WeakMap();
const until = (signal) => ({
  name: "until",
  attach: (core) => new Until(core, signal)
});
const zones = () => ({
  name: "zones",
  attach: () => ({ zone: { outside: outsideAngular, bind: inThisZone } })
});
class LiveHeartbeat {
  /** Throws `ERR_OPTION` as `checkHeartbeat` does. */
  constructor(given) {
    __privateAdd(this, _LiveHeartbeat_instances);
    __privateAdd(this, _given);
    __privateAdd(this, _last3);
    __privateAdd(this, _isSound, true);
    __publicField(this, "reporter");
    __privateSet(this, _last3, checkHeartbeat(given));
    __privateSet(this, _given, given);
  }
  get interval() {
    return __privateGet(this, _LiveHeartbeat_instances, now_get).interval;
  }
  get timeout() {
    return __privateGet(this, _LiveHeartbeat_instances, now_get).timeout;
  }
  get when() {
    return __privateGet(this, _LiveHeartbeat_instances, now_get).when;
  }
  get proof() {
    return __privateGet(this, _LiveHeartbeat_instances, now_get).proof;
  }
  get ping() {
    const { ping } = __privateGet(this, _LiveHeartbeat_instances, now_get);
    return typeof ping === "function" ? ping.bind(__privateGet(this, _given)) : ping;
  }
  get recognise() {
    var _a;
    return (_a = __privateGet(this, _LiveHeartbeat_instances, now_get).recognise) == null ? void 0 : _a.bind(__privateGet(this, _given));
  }
  get answer() {
    var _a;
    return (_a = __privateGet(this, _LiveHeartbeat_instances, now_get).answer) == null ? void 0 : _a.bind(__privateGet(this, _given));
  }
  get withhold() {
    return __privateGet(this, _LiveHeartbeat_instances, now_get).withhold !== false;
  }
  get retry() {
    var _a;
    return (_a = __privateGet(this, _LiveHeartbeat_instances, now_get).retry) == null ? void 0 : _a.bind(__privateGet(this, _given));
  }
}
_given = new WeakMap();
_last3 = new WeakMap();
_isSound = new WeakMap();
_LiveHeartbeat_instances = new WeakSet();
now_get = function() {
  var _a;
  try {
    __privateSet(this, _last3, checkHeartbeat(__privateGet(this, _given)));
    __privateSet(this, _isSound, true);
  } catch (thrown) {
    if (__privateGet(this, _isSound))
      (_a = this.reporter) == null ? void 0 : _a.fail("ERR_POLICY", "the heartbeat", thrown);
    __privateSet(this, _isSound, false);
  }
  return __privateGet(this, _last3);
};
class GuardedSocket {
  constructor(target, sink) {
    __publicField(this, "socket");
    /** `undefined` once it must not be called again. */
    __publicField(this, "sink");
    __publicField(this, "isOpened", false);
    /** The end was reported, or is about to be, or the socket was abandoned. */
    __publicField(this, "isOver", false);
    /** Calls into the runtime on the stack, plus reports that wait for a microtask. While it is not 0, reports wait. */
    __publicField(this, "busy", 0);
    /** The class knows no Blobs, as `ws` 7, and ignored the type. */
    __publicField(this, "lacksBlobs", false);
    __privateAdd(this, _detail);
    __privateAdd(this, _binaryType);
    this.sink = sink;
    __privateSet(this, _binaryType, target.binaryType);
  }
  /** Calls into the runtime. What it reports meanwhile waits until the call has returned. */
  during(call) {
    this.busy++;
    try {
      call();
    } finally {
      this.busy--;
    }
  }
  /** Runs `make`, which sets `socket`. What it throws ends this socket. */
  dial(target, make) {
    this.during(() => {
      try {
        make();
        this.binaryType = target.binaryType;
      } catch (error) {
        this.fail(failureOf(error, target));
        this.end(abnormal);
        startClosing(this.socket);
      }
    });
  }
  opened({ protocol, extensions }) {
    if (this.isOver || this.isOpened)
      return;
    this.isOpened = true;
    this.report((sink) => sink.opened({ protocol: protocol ?? "", extensions: extensions ?? "" }));
  }
  /** Notes the cause of the `closed` to come. Later ones are consequences of the first. */
  fail(detail) {
    __privateGet(this, _detail) ?? __privateSet(this, _detail, detail);
  }
  end(close, answered = false) {
    if (this.isOver)
      return;
    this.isOver = true;
    this.release(false);
    this.report((sink) => {
      if (__privateGet(this, _detail) !== void 0 && !close.wasClean)
        sink.failed(__privateGet(this, _detail));
      if (this.sink === void 0)
        return;
      this.sink = void 0;
      sink.closed(close, answered);
    });
  }
  /** Calls the sink: now, or once the calls on the stack have returned. */
  report(call) {
    if (this.busy === 0)
      return call(this.sink);
    this.busy++;
    soon(() => {
      this.busy--;
      if (this.sink !== void 0)
        call(this.sink);
    });
  }
  get isOpen() {
    var _a;
    return !this.isOver && ((_a = this.socket) == null ? void 0 : _a.readyState) === 1;
  }
  get bufferedAmount() {
    var _a;
    return ((_a = this.socket) == null ? void 0 : _a.bufferedAmount) ?? 0;
  }
  get binaryType() {
    return __privateGet(this, _binaryType);
  }
  set binaryType(type) {
    __privateSet(this, _binaryType, type);
    const { socket: socket2 } = this;
    if (socket2 === void 0)
      return;
    socket2.binaryType = type;
    this.lacksBlobs = socket2.binaryType !== type;
  }
  send(data) {
    if (!this.isOpen)
      throw makeError("ERR_TRANSPORT", "not-open", []);
    this.busy++;
    try {
      this.write(this.socket, data);
    } finally {
      this.busy--;
    }
  }
  abandon(code, reason) {
    this.isOver = true;
    this.sink = void 0;
    this.busy++;
    startClosing(this.socket, code, reason);
    this.release(true);
  }
}
_detail = new WeakMap();
_binaryType = new WeakMap();
const abnormal = /* @__PURE__ */ Object.freeze({ code: 1006, reason: "", wasClean: false });
function startClosing(socket2, code, reason) {
  try {
    if (code === void 0)
      socket2 == null ? void 0 : socket2.close();
    else if (reason === void 0)
      socket2 == null ? void 0 : socket2.close(code);
    else
      socket2 == null ? void 0 : socket2.close(code, reason);
  } catch {
    if (code !== void 0)
      startClosing(socket2);
  }
}
function failureOf(error, { url }) {
  if (isConnectionError(error))
    return { error, fatal: true };
  const detail = { cause: error };
  const name = nameOf(error);
  if (name === "SecurityError" || name === "SyntaxError" && !isDialable(url))
    return { error: makeError("ERR_URL", "url-refused", [], detail), fatal: true };
  if (name === "SyntaxError" || name === "TypeError" || name === "RangeError")
    return { error: makeError("ERR_OPTION", "arguments-refused", [], detail), fatal: true };
  return { error: makeError("ERR_SOCKET", "not-constructed", [], detail) };
}
function nameOf(error) {
  try {
    return error == null ? void 0 : error.name;
  } catch {
    return void 0;
  }
}
function isDialable(url) {
  try {
    return /^(?:ws|http)s?:[^#]*$/i.test(new URL(url).href);
  } catch {
    return false;
  }
}
const upgrades = ["onUpgrade", "onRequestUpgrade"];
const starts = ["onConnect", "onRequestStart"];
class UpgradeWatcher {
  constructor(dispatcher) {
    __privateAdd(this, _dispatcher);
    __privateAdd(this, _drop);
    __privateSet(this, _dispatcher, dispatcher);
  }
  get isMockActive() {
    return __privateGet(this, _dispatcher).isMockActive;
  }
  dispatch(options2, handler) {
    const watched = Object.create(handler);
    const watch2 = (names2, note) => {
      for (const name of names2) {
        const callback = handler[name];
        if (callback === void 0)
          continue;
        watched[name] = (...given) => {
          note(given);
          return callback.apply(watched, given);
        };
      }
    };
    watch2(starts, ([control]) => __privateSet(this, _drop, abortOf(control)));
    watch2(upgrades, (given) => {
      const socket2 = given.find(isDestroyable);
      __privateSet(this, _drop, () => socket2 == null ? void 0 : socket2.destroy());
    });
    return __privateGet(this, _dispatcher).dispatch(options2, watched);
  }
  /** Drops the TCP socket, if there is one. */
  destroy() {
    var _a;
    (_a = __privateGet(this, _drop)) == null ? void 0 : _a.call(this);
  }
}
_dispatcher = new WeakMap();
_drop = new WeakMap();
function abortOf(control) {
  const error = new Error("the WebSocket was given up");
  if (typeof control === "function")
    return () => void control(error);
  return () => control.abort(error);
}
function isDestroyable(value) {
  const { destroy, write } = value ?? {};
  return typeof destroy === "function" && typeof write === "function";
}
function watcherFor(Class) {
  var _a, _b, _c;
  const { process } = globalThis;
  const version = Number.parseInt(((_a = process == null ? void 0 : process.versions) == null ? void 0 : _a.undici) ?? "", 10);
  if (Number.isNaN(version) || ((_c = (_b = process == null ? void 0 : process.getBuiltinModule) == null ? void 0 : _b.call(process, "http")) == null ? void 0 : _c.WebSocket) !== Class)
    return void 0;
  const key = Symbol.for(`undici.globalDispatcher.${version < 8 ? 1 : 2}`);
  const dispatcher = globalThis[key];
  return dispatcher === void 0 ? void 0 : new UpgradeWatcher(dispatcher);
}
function webSocketTransport(options2 = {}) {
  const { WebSocket: given } = bag("webSocketTransport", options2, ["WebSocket"]);
  if (given !== void 0)
    isConstructor("webSocketTransport.WebSocket", given);
  return {
    get base() {
      const { document: document2, location } = globalThis;
      return (document2 == null ? void 0 : document2.baseURI) ?? (location == null ? void 0 : location.href);
    },
    connect: (target, sink) => new StandardSocket(given ?? globalThis.WebSocket, target, sink)
  };
}
const isWorkerd = (socket2) => "accept" in socket2;
function isTheirs(blob) {
  const { Blob: Blob2 } = globalThis;
  return Symbol.toStringTag in blob || Blob2 !== void 0 && blob instanceof Blob2;
}
function check(WebSocket, { headers, tls }) {
  if (WebSocket === void 0)
    throw makeError("ERR_MISSING_PEER", "no-websocket", []);
  if (!canConstruct(WebSocket))
    throw makeError("ERR_MISSING_PEER", "websocket-not-a-class", [typeof WebSocket]);
  if (Object.keys(headers).length > 0)
    throw makeError("ERR_TRANSPORT", "no-headers", []);
  if (Object.keys(tls ?? {}).length > 0)
    throw makeError("ERR_TRANSPORT", "no-tls", []);
}
class StandardSocket extends GuardedSocket {
  constructor(WebSocket, target, sink) {
    super(target, sink);
    __privateAdd(this, _StandardSocket_instances);
    /** Knows the TCP socket where the class is Node's own. */
    __privateAdd(this, _watcher);
    /**
     * The code of our Close, if the peer had not sent its own before. An answer has the same (RFC 6455 §5.5.1); so has the Close of a
     * peer that chose this very code at this very moment, which cannot be told apart here.
     */
    __privateAdd(this, _asked);
    /** Whether the runtime may read the bytes of a message after `send` has returned. */
    __privateAdd(this, _readsLate, false);
    __privateAdd(this, _sentBlob, false);
    this.dial(target, () => {
      check(WebSocket, target);
      const protocols = [...target.protocols];
      const dispatcher = __privateSet(this, _watcher, watcherFor(WebSocket));
      const socket2 = this.socket = new WebSocket(
        target.url,
        // What undici takes besides: https://undici.nodejs.org/#/docs/api/WebSocket
        dispatcher === void 0 ? protocols : { protocols, dispatcher }
      );
      __privateSet(this, _readsLate, isWorkerd(socket2));
      socket2.addEventListener("error", (event) => __privateMethod(this, _StandardSocket_instances, failed_fn).call(this, event));
      socket2.addEventListener("open", () => this.opened(socket2));
      socket2.addEventListener("message", (event) => {
        if (this.isOver)
          return;
        let { data } = event;
        if (this.lacksBlobs && typeof data !== "string")
          data = new Blob([data]);
        if (this.busy === 0)
          this.sink.message(data);
        else
          this.report((sink2) => sink2.message(data));
      });
      socket2.addEventListener("close", (event) => __privateMethod(this, _StandardSocket_instances, closed_fn).call(this, event));
    });
  }
  release(isAbandoned) {
    var _a, _b, _c;
    (_a = __privateGet(this, _watcher)) == null ? void 0 : _a.destroy();
    if (!isAbandoned)
      return;
    try {
      ;
      (_c = (_b = this.socket) == null ? void 0 : _b.terminate) == null ? void 0 : _c.call(_b);
    } catch {
    }
  }
  write(socket2, data) {
    const isABlob = isBlob(data);
    if (isABlob && isWorkerd(socket2))
      throw new TypeError(explain("ERR_TRANSPORT", "no-blob", []));
    if (isABlob && !isTheirs(data))
      throw new TypeError(explain("ERR_TRANSPORT", "foreign-blob", []));
    socket2.send(__privateGet(this, _readsLate) ? snapshot(data) : data);
    if (isABlob)
      __privateSet(this, _readsLate, __privateSet(this, _sentBlob, true));
  }
  close(code, reason) {
    if (this.isOver)
      return;
    if (__privateGet(this, _sentBlob) && this.isOpen && this.bufferedAmount > 0) {
      setTimeout(() => this.close(code, reason), 1);
      return;
    }
    if (this.isOpen)
      __privateSet(this, _asked, code ?? 1005);
    this.during(() => startClosing(this.socket, code, reason));
  }
}
_watcher = new WeakMap();
_asked = new WeakMap();
_readsLate = new WeakMap();
_sentBlob = new WeakMap();
_StandardSocket_instances = new WeakSet();
failed_fn = function(event) {
  const { error, message } = event;
  const detail = { cause: error ?? event };
  this.fail({
    error: typeof message === "string" && message !== "" ? makeError("ERR_SOCKET", "socket-said", [message], detail) : makeError("ERR_SOCKET", "socket-silent", [], detail)
  });
  setTimeout(() => {
    if (this.isOver)
      return;
    this.end(abnormal);
    startClosing(this.socket);
  }, 0);
};
closed_fn = function(event) {
  const { code, reason, wasClean } = event;
  const isLegal = code !== void 0 && code >= 1e3 && code <= 4999 && code !== 1006 && code !== 1015;
  if (!isLegal)
    this.end(abnormal);
  else
    this.end({ code, reason: reason ?? "", wasClean: wasClean ?? false }, wasClean && code === __privateGet(this, _asked));
};
const defaults = {
  maxServerDelay: 3e5,
  closeTimeout: 2e3,
  stableAfter: 1e4,
  highWaterMark: 1048576,
  binaryType: "arraybuffer",
  autoOpen: true,
  unref: false,
  queue: { messages: 1e3, bytes: 1048576, overflow: "reject" }
};
const defaultTransport = /* @__PURE__ */ webSocketTransport();
const names = [
  "protocols",
  "transport",
  "heartbeat",
  "backoff",
  "maxServerDelay",
  "retry",
  "queue",
  "prepare",
  "codec",
  "connectTimeout",
  "closeTimeout",
  "stableAfter",
  "highWaterMark",
  "binaryType",
  "autoOpen",
  "signal",
  "inspect",
  "clock",
  "random",
  "environment",
  "unref",
  "engine",
  "features"
];
const unbounded = { max: Infinity };
const noProtocols = [];
function methods(...required) {
  return (option, value) => {
    if (typeof value !== "object" || value === null)
      wrongOption(option, value, "not-an-object-with", required.join(", "));
    for (const name of required)
      isFunction(`${option}.${name}`, value[name]);
    return value;
  };
}
function checkUrl(url, transport) {
  return resolveUrl(url, transport);
}
function checkQueue(option, value) {
  const given = bag(option, value, ["messages", "bytes", "overflow"]);
  const { messages = defaults.queue.messages, bytes = defaults.queue.bytes, overflow = defaults.queue.overflow } = given;
  return {
    messages: count("queue.messages", messages),
    bytes: count("queue.bytes", bytes),
    overflow: oneOf("queue.overflow", overflow, ["reject", "drop-oldest", "drop-newest"])
  };
}
function checkInspector(option, value) {
  return typeof value === "function" ? value : methods("next")(option, value);
}
const deadline = (option, value) => duration(option, value, { min: 1 });
function resolveOptions(url, options2 = {}) {
  return readable("options", () => settingsOf(url, options2));
}
function settingsOf(url, options2) {
  const given = bag("options", options2, names);
  const take = (name, fallback, check2) => given[name] === void 0 ? fallback : check2(name, given[name]);
  const transport = take("transport", defaultTransport, methods("connect"));
  return {
    url: checkUrl(url, transport),
    protocols: take("protocols", noProtocols, (_, value) => checkProtocols(value)),
    transport,
    heartbeat: take("heartbeat", plainPing, (_, value) => new LiveHeartbeat(value)),
    backoff: take("backoff", jitter, isFunction),
    maxServerDelay: take("maxServerDelay", defaults.maxServerDelay, (option, value) => duration(option, value, unbounded)),
    retry: take("retry", void 0, isFunction),
    queue: take("queue", defaults.queue, checkQueue),
    prepare: take("prepare", void 0, isFunction),
    codec: take("codec", void 0, methods("encode", "decode")),
    connectTimeout: take("connectTimeout", void 0, deadline),
    closeTimeout: take("closeTimeout", defaults.closeTimeout, deadline),
    stableAfter: take("stableAfter", defaults.stableAfter, (option, value) => duration(option, value, unbounded)),
    highWaterMark: take("highWaterMark", defaults.highWaterMark, (option, value) => count(option, value, 1)),
    binaryType: take("binaryType", defaults.binaryType, checkBinaryType),
    autoOpen: take("autoOpen", defaults.autoOpen, isBoolean),
    signal: take("signal", void 0, checkSignal),
    inspect: take("inspect", void 0, checkInspector),
    clock: take("clock", systemClock, methods("now", "wall", "setTimeout", "clearTimeout")),
    random: take("random", Math.random, isFunction),
    environment: take("environment", pageEnvironment, methods("online", "subscribe")),
    unref: take("unref", defaults.unref, isBoolean),
    engine: take("engine", compiledEngine, isFunction),
    features: take("features", [], checkFeatures)
  };
}
function checkBinaryType(option, value) {
  return oneOf(option, value, ["arraybuffer", "blob"]);
}
function checkFeatures(option, value) {
  const isFeature = (each) => typeof (each == null ? void 0 : each.attach) === "function";
  const features = Array.isArray(value) && value.every(isFeature) ? value : void 0;
  return features === void 0 ? wrongOption(option, value, "not-features") : features;
}
const first = /* @__PURE__ */ (() => [zones(), checks(), promises(), store(), counters()])();
const last = /* @__PURE__ */ (() => [
  batch(),
  readers(),
  streams(),
  delivery(),
  slowLinks(),
  idleCuts(),
  complaint()
])();
const queueByDefault = /* @__PURE__ */ richQueue();
const pressureByDefault = /* @__PURE__ */ backpressure();
const hintsByDefault = /* @__PURE__ */ hints();
function createConnection(url, options2) {
  const settings = resolveOptions(url, options2);
  const { codec: coder, prepare: hook, signal, inspect, environment, clock, heartbeat } = settings;
  const guarded = clock === systemClock ? void 0 : new GuardedClock(clock);
  const features = [
    ...first,
    settings.queue === defaults.queue ? queueByDefault : richQueue(settings.queue),
    settings.highWaterMark === defaults.highWaterMark ? pressureByDefault : backpressure(settings.highWaterMark),
    settings.maxServerDelay === defaults.maxServerDelay ? hintsByDefault : hints(settings.maxServerDelay),
    lifecycle(environment, clock),
    ...last,
    inspection(inspect)
  ];
  if (coder !== void 0)
    features.push(codec(coder));
  if (hook !== void 0)
    features.push(prepare(hook));
  if (signal !== void 0)
    features.push(until(signal));
  features.push(...settings.features);
  const core = new Core(settings.url, { ...settings, queue: void 0, clock: guarded ?? clock, features });
  if (guarded !== void 0)
    guarded.core = core;
  if (heartbeat instanceof LiveHeartbeat)
    heartbeat.reporter = core;
  return core.face;
}
const messageVersion = "0.7.2";
const errorCodes = {
  ERR_OPTION: true,
  ERR_URL: true,
  ERR_CLOSE_ARGUMENT: true,
  ERR_DATA: true,
  ERR_QUEUE_FULL: true,
  ERR_ENDED: true,
  ERR_PROVIDER: true,
  ERR_PREPARE: true,
  ERR_REFUSED: true,
  ERR_CONNECT_TIMEOUT: true,
  ERR_HEARTBEAT_TIMEOUT: true,
  ERR_IDLE_CUT: true,
  ERR_HANDSHAKE: true,
  ERR_SOCKET: true,
  ERR_TRANSPORT: true,
  ERR_MISSING_PEER: true,
  ERR_ENCODE: true,
  ERR_DECODE: true,
  ERR_POLICY: true,
  ERR_LISTENER: true,
  ERR_INSPECTOR: true,
  ERR_ENVIRONMENT: true,
  ERR_INTERNAL: true
};
const errorCode = (error) => error !== void 0 && Object.keys(errorCodes).includes(error.code) ? { error: error.code } : {};
function numbers(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => typeof value === "number"));
}
const about = (sessionId, rootId, now) => ({
  sessionId,
  rootId,
  createdAt: String(now),
  id: null,
  _version: messageVersion
});
const definitions = /* @__PURE__ */ new WeakMap();
function definitionOf({ id, logic }) {
  if (logic === void 0)
    return JSON.stringify({ id });
  const { config } = logic;
  const known2 = definitions.get(config);
  if (known2 !== void 0)
    return known2;
  const text = JSON.stringify(config, (_, value) => typeof value === "function" ? { type: value.name } : value);
  definitions.set(config, text);
  return text;
}
function snapshotMessage({ status, value, tags: tags2, context }) {
  return value === void 0 ? { status } : { status, value, tags: [...tags2 ?? []], context: { ...context } };
}
function inspectionMessage(told, now, name) {
  var _a, _b;
  const { actorRef, rootId } = told;
  const base = about(actorRef.sessionId, rootId, now);
  if (told.type === "@xstate.event") {
    const source = (_a = told.sourceRef) == null ? void 0 : _a.sessionId;
    return { type: told.type, ...base, event: told.event, ...source !== void 0 && { sourceId: source } };
  }
  if (told.type === "@xstate.snapshot") {
    return { type: told.type, ...base, event: told.event, snapshot: snapshotMessage(told.snapshot) };
  }
  const parent = (_b = actorRef._parent) == null ? void 0 : _b.sessionId;
  return {
    type: told.type,
    ...base,
    name: parent === void 0 ? name ?? "connection" : actorRef.id,
    definition: definitionOf(actorRef),
    snapshot: snapshotMessage(actorRef.getSnapshot()),
    ...parent !== void 0 && { parentId: parent }
  };
}
function figuresOf(connection, { dropped, uncertain }) {
  const { sent, received, queued, queuedBytes, unread } = connection.counters;
  const { attempt, retryAt, ...status } = connection.status;
  const wait2 = "delay" in status ? numbers({ retryAt, delay: status.delay }) : {};
  const { bufferedAmount } = connection;
  return { sent, received, queued, queuedBytes, bufferedAmount, unread, dropped, uncertain, attempt, ...wait2 };
}
const opened = ({ attempt }) => ({ kind: "open", attempt });
function closed(event) {
  const { code, wasClean, attempt, willRetry, delay, error, status, uncertain } = event;
  const { messages } = uncertain;
  const more = { ...numbers({ delay, status }), ...errorCode(error) };
  return { kind: "close", code, wasClean, attempt, willRetry, uncertain: messages, ...more };
}
function waiting({ attempt, delay, retryAt, hinted }) {
  return { kind: "backoff", attempt, delay, retryAt, hinted };
}
function failed(error) {
  return { kind: "error", error: "ERR_INTERNAL", ...errorCode(error), ...numbers({ status: error.status }) };
}
class Ticker {
  constructor(clock, every) {
    __privateAdd(this, _Ticker_instances);
    __privateAdd(this, _callbacks2, /* @__PURE__ */ new Set());
    __privateAdd(this, _clock3);
    __privateAdd(this, _every);
    __privateAdd(this, _timer2);
    __privateSet(this, _clock3, clock);
    __privateSet(this, _every, every);
  }
  add(callback) {
    const entry = () => callback();
    __privateGet(this, _callbacks2).add(entry);
    if (__privateGet(this, _callbacks2).size === 1)
      __privateMethod(this, _Ticker_instances, arm_fn2).call(this);
    return () => {
      if (__privateGet(this, _callbacks2).delete(entry) && __privateGet(this, _callbacks2).size === 0)
        __privateGet(this, _clock3).clearTimeout(__privateGet(this, _timer2));
    };
  }
}
_callbacks2 = new WeakMap();
_clock3 = new WeakMap();
_every = new WeakMap();
_timer2 = new WeakMap();
_Ticker_instances = new WeakSet();
arm_fn2 = function() {
  var _a, _b;
  __privateSet(this, _timer2, __privateGet(this, _clock3).setTimeout(() => {
    __privateMethod(this, _Ticker_instances, arm_fn2).call(this);
    for (const callback of [...__privateGet(this, _callbacks2)])
      callback();
  }, __privateGet(this, _every)));
  (_b = (_a = __privateGet(this, _timer2)) == null ? void 0 : _a.unref) == null ? void 0 : _b.call(_a);
};
const tickers = /* @__PURE__ */ new WeakMap();
function tick(clock, every, callback) {
  const paces = tickers.get(clock) ?? /* @__PURE__ */ new Map();
  tickers.set(clock, paces);
  const ticker = paces.get(every) ?? new Ticker(clock, every);
  paces.set(every, ticker);
  return ticker.add(callback);
}
class Losses {
  constructor() {
    __publicField(this, "dropped", 0);
    __publicField(this, "uncertain", 0);
    __privateAdd(this, _reasons, /* @__PURE__ */ new Map());
  }
  drop(reason) {
    this.dropped++;
    __privateGet(this, _reasons).set(reason, (__privateGet(this, _reasons).get(reason) ?? 0) + 1);
  }
  /** Those since the last time. */
  take() {
    const taken = [...__privateGet(this, _reasons)].map(([reason, messages]) => ({ kind: "dropped", reason, messages }));
    __privateGet(this, _reasons).clear();
    return taken;
  }
}
_reasons = new WeakMap();
function observe(connection, send, { name, every = 250, errors = false, clock = systemClock } = {}) {
  checkPace(every);
  const { on } = connection;
  const listen = on.bind(connection);
  const ends = [];
  const losses2 = new Losses();
  let observed = true;
  let id = "";
  let last2 = "";
  const off = () => {
    observed = false;
    for (const end of ends.splice(0))
      end();
  };
  const tell = (message) => {
    if (!observed)
      return;
    try {
      const returned = send(message);
      if (typeof returned === "object" && returned !== null)
        Promise.resolve(returned).catch(giveUp);
    } catch (thrown) {
      giveUp(thrown);
    }
  };
  const giveUp = (thrown) => {
    if (!observed)
      return;
    off();
    report(connection, thrown);
  };
  const happened = (occurrence) => {
    if (id !== "")
      tell({ type: "@statewire.occurrence", ...about(id, id, clock.wall()), occurrence });
  };
  const sample = () => {
    if (id === "")
      return;
    for (const occurrence of losses2.take())
      happened(occurrence);
    const figures = figuresOf(connection, losses2);
    const text = JSON.stringify(figures);
    if (text === last2)
      return;
    last2 = text;
    tell({ type: "@statewire.figures", ...about(id, id, clock.wall()), every, figures });
  };
  ends.push(connection.inspect((told) => {
    id || (id = told.rootId);
    tell(inspectionMessage(told, clock.wall(), name));
    if (last2 === "" && told.type === "@xstate.snapshot")
      sample();
  }), listen("open", (event) => happened(opened(event))), listen("close", (event) => {
    losses2.uncertain += event.uncertain.messages;
    happened(closed(event));
  }), listen("backoff", (event) => happened(waiting(event))), listen("heartbeat", ({ rtt }) => happened({ kind: "heartbeat", rtt })), listen("dropped", ({ reason }) => losses2.drop(reason)), tick(clock, every, () => {
    try {
      sample();
    } catch (thrown) {
      giveUp(thrown);
    }
  }));
  if (errors)
    ends.push(listen("error", (error) => happened(failed(error))));
  if (!observed)
    off();
  return off;
}
function checkPace(every = 250) {
  if (every >= 10 && every < 2 ** 31)
    return;
  throw makeError("ERR_OPTION", "not-a-pace", ["every", String(every)]);
}
function report(connection, thrown) {
  let reported = false;
  const end = connection.inspect(() => {
    if (reported)
      return;
    reported = true;
    queueMicrotask(() => end());
    throw thrown;
  });
}
class Showing {
  constructor(post) {
    __privateAdd(this, _Showing_instances);
    __privateAdd(this, _post);
    __privateAdd(this, _all2, /* @__PURE__ */ new Set());
    __privateAdd(this, _watched, false);
    __privateSet(this, _post, post);
  }
  get watched() {
    return __privateGet(this, _watched);
  }
  /** Somebody looks, and knows nothing: also when somebody had looked before. */
  begin() {
    this.end();
    __privateSet(this, _watched, true);
    for (const shown2 of [...__privateGet(this, _all2)])
      if (__privateGet(this, _watched))
        __privateMethod(this, _Showing_instances, attach_fn2).call(this, shown2);
  }
  /** Nobody looks. */
  end() {
    __privateSet(this, _watched, false);
    for (const shown2 of __privateGet(this, _all2))
      detach(shown2);
  }
  /** Says of each that nobody tells of it any more. */
  leave() {
    for (const shown2 of __privateGet(this, _all2))
      if (shown2.off !== void 0)
        __privateMethod(this, _Showing_instances, gone_fn).call(this, shown2);
  }
  show(connection, options2 = {}) {
    checkPace(options2.every);
    const shown2 = { connection, options: options2, id: "", off: void 0 };
    __privateGet(this, _all2).add(shown2);
    if (__privateGet(this, _watched))
      __privateMethod(this, _Showing_instances, attach_fn2).call(this, shown2);
    return () => {
      if (!__privateGet(this, _all2).delete(shown2) || shown2.off === void 0)
        return;
      detach(shown2);
      __privateMethod(this, _Showing_instances, gone_fn).call(this, shown2);
    };
  }
  /** Shows nothing any more. */
  clear() {
    this.end();
    __privateGet(this, _all2).clear();
  }
}
_post = new WeakMap();
_all2 = new WeakMap();
_watched = new WeakMap();
_Showing_instances = new WeakSet();
attach_fn2 = function(shown2) {
  const off = observe(shown2.connection, (message) => {
    shown2.id = message.rootId;
    __privateGet(this, _post).call(this, message);
  }, shown2.options);
  if (__privateGet(this, _watched))
    shown2.off = off;
  else
    off();
};
gone_fn = function({ id, options: { clock = systemClock } }) {
  __privateGet(this, _post).call(this, { type: "@statewire.gone", ...about(id, id, clock.wall()) });
};
function detach(shown2) {
  var _a;
  (_a = shown2.off) == null ? void 0 : _a.call(shown2);
  shown2.off = void 0;
}
const hello = "@statelyai.connected";
const goodbye = "@statewire.left";
const knock = "@statewire.knock";
function wordOf(data) {
  return typeof data === "object" && data !== null ? data.type : void 0;
}
function linkViewer(viewer, options2 = {}) {
  var _a;
  const own = options2.window ?? globalThis;
  const origin = options2.origin ?? own.origin;
  if (origin === "*") {
    throw makeError("ERR_OPTION", "any-origin", ["origin", "'*'"]);
  }
  const targetOrigin = origin === "null" ? "*" : origin;
  const viewerWindow = () => (
    // This way round: of a window of another origin one may not ask for more.
    "postMessage" in viewer ? viewer : viewer.contentWindow
  );
  const showing = new Showing((message) => {
    const there = viewerWindow();
    if (there === null || there.closed)
      showing.end();
    else
      there.postMessage(message, targetOrigin);
  });
  const hear = ({ data, source, origin: from }) => {
    if (from !== origin)
      return;
    const word = wordOf(data);
    const isViewer = source !== null && source === viewerWindow();
    if (word === goodbye && (source === null || isViewer))
      showing.end();
    if (word === hello && isViewer)
      showing.begin();
  };
  own.addEventListener("message", hear);
  (_a = viewerWindow()) == null ? void 0 : _a.postMessage({ type: knock }, targetOrigin);
  return {
    get watched() {
      return showing.watched;
    },
    show: (connection, observeOptions) => showing.show(connection, observeOptions),
    close() {
      own.removeEventListener("message", hear);
      showing.clear();
    }
  };
}
const latency = 60;
class SimulatedNetwork {
  constructor() {
    __privateAdd(this, _weather, "fine");
    __privateAdd(this, _online, true);
    __privateAdd(this, _links2, /* @__PURE__ */ new Set());
    __privateAdd(this, _listeners2, /* @__PURE__ */ new Set());
  }
  get weather() {
    return __privateGet(this, _weather);
  }
  connect(target, sink) {
    const link = new SimulatedSocket(this, target, sink);
    __privateGet(this, _links2).add(link);
    return link;
  }
  forget(link) {
    __privateGet(this, _links2).delete(link);
  }
  /** Every packet vanishes. Nobody is told. */
  silence() {
    __privateSet(this, _weather, "silent");
  }
  /** The links there are break, audibly; new ones are fine. */
  reset() {
    this.heal();
    for (const link of __privateGet(this, _links2)) link.break();
  }
  /** The server is gone: links break, and nobody answers the door. */
  refuse() {
    this.reset();
    __privateSet(this, _weather, "refusing");
  }
  /** As the last, with the system's word for it. */
  goOffline() {
    __privateSet(this, _weather, "silent");
    __privateSet(this, _online, false);
    for (const notify of __privateGet(this, _listeners2)) notify("offline");
  }
  heal() {
    __privateSet(this, _weather, "fine");
    const wasOffline = !__privateGet(this, _online);
    __privateSet(this, _online, true);
    if (wasOffline) for (const notify of __privateGet(this, _listeners2)) notify("online");
  }
  // The environment.
  online() {
    return __privateGet(this, _online);
  }
  subscribe(notify) {
    __privateGet(this, _listeners2).add(notify);
    return () => __privateGet(this, _listeners2).delete(notify);
  }
}
_weather = new WeakMap();
_online = new WeakMap();
_links2 = new WeakMap();
_listeners2 = new WeakMap();
class SimulatedSocket {
  constructor(network, target, sink) {
    __privateAdd(this, _SimulatedSocket_instances);
    __publicField(this, "bufferedAmount", 0);
    __publicField(this, "binaryType");
    __privateAdd(this, _network);
    __privateAdd(this, _sink);
    __privateAdd(this, _open, false);
    __privateAdd(this, _over3, false);
    __privateSet(this, _network, network);
    __privateSet(this, _sink, sink);
    this.binaryType = target.binaryType;
    __privateMethod(this, _SimulatedSocket_instances, travel_fn).call(this, 2, () => {
      if (network.weather === "refusing") return __privateMethod(this, _SimulatedSocket_instances, end_fn3).call(this, new Error("nobody listens there"));
      __privateSet(this, _open, true);
      sink.opened({ protocol: "", extensions: "" });
    });
  }
  send(data) {
    if (!__privateGet(this, _open)) throw new Error("the socket is not open");
    __privateMethod(this, _SimulatedSocket_instances, travel_fn).call(this, 2, () => __privateGet(this, _sink).message(data));
  }
  ping() {
    __privateMethod(this, _SimulatedSocket_instances, travel_fn).call(this, 2, () => __privateGet(this, _sink).alive("pong"));
  }
  close(code = 1e3, reason = "") {
    __privateSet(this, _open, false);
    __privateMethod(this, _SimulatedSocket_instances, travel_fn).call(this, 2, () => __privateMethod(this, _SimulatedSocket_instances, finish_fn2).call(this, code, reason, true));
  }
  abandon() {
    __privateSet(this, _over3, true);
    __privateGet(this, _network).forget(this);
  }
  /** The link breaks, and the system says so: never inside a call of the connection. */
  break() {
    setTimeout(() => __privateMethod(this, _SimulatedSocket_instances, end_fn3).call(this, new Error("reset by peer")));
  }
}
_network = new WeakMap();
_sink = new WeakMap();
_open = new WeakMap();
_over3 = new WeakMap();
_SimulatedSocket_instances = new WeakSet();
end_fn3 = function(error) {
  if (__privateGet(this, _over3)) return;
  __privateGet(this, _sink).failed({ error });
  __privateMethod(this, _SimulatedSocket_instances, finish_fn2).call(this, 1006, "", false);
};
finish_fn2 = function(code, reason, wasClean) {
  if (__privateGet(this, _over3)) return;
  this.abandon();
  __privateGet(this, _sink).closed({ code, reason, wasClean });
};
/** After so many ways; what is under way when the network falls silent is lost. */
travel_fn = function(ways, arrive) {
  if (__privateGet(this, _network).weather === "silent") return;
  setTimeout(() => {
    if (!__privateGet(this, _over3) && __privateGet(this, _network).weather !== "silent") arrive();
  }, ways * latency);
};
function showIn(frame, { connection }) {
  const viewer = linkViewer(frame);
  viewer.show(connection, { name: "this page" });
  return () => viewer.close();
}
function startSession(tell) {
  const network = new SimulatedNetwork();
  const began = performance.now();
  const line = (text, kind = "plain") => tell.line({ at: `${((performance.now() - began) / 1e3).toFixed(1)} s`, text, kind });
  const connection = createConnection("wss://simulated.invalid/", {
    transport: network,
    environment: network,
    heartbeat: protocolPing({ interval: 3e3, timeout: 1500 }),
    backoff: fullJitter({ floor: 250, base: 1e3, cap: 6e3 }),
    connectTimeout: 3e3,
    stableAfter: 5e3
  });
  connection.on("open", ({ attempt }) => line(`open, attempt ${attempt}`, "good"));
  connection.on("message", (message) => line(`message: ${message}`));
  connection.on("heartbeat", ({ rtt }) => tell.pong(Math.round(rtt)));
  connection.on("close", ({ code, error, willRetry, delay, uncertain }) => {
    line(`close ${code}${error === void 0 ? "" : ` ${error.code}`}`, "bad");
    if (uncertain.messages > 0) line(`${uncertain.messages} sent and perhaps lost`, "bad");
    if (willRetry) line(`next try in ${Math.round(delay ?? 0)} ms`);
  });
  connection.subscribe(tell.status);
  return { network, connection, end: () => void connection.close() };
}
const _sfc_main = /* @__PURE__ */ defineComponent({
  __name: "LiveConnection",
  __ssrInlineRender: true,
  setup(__props) {
    const session = shallowRef();
    const status = shallowRef();
    const lines = ref([]);
    const weather = ref("fine");
    const now = ref(0);
    const frame = ref();
    let hide;
    const rtt = ref();
    let count2 = 0;
    let ticking;
    function say(line) {
      lines.value = [{ id: ++count2, ...line }, ...lines.value].slice(0, 60);
    }
    onMounted(() => {
      session.value = startSession({
        line: say,
        status: (next) => status.value = next,
        pong: (ms) => rtt.value = ms
      });
      if (frame.value) hide = showIn(frame.value, session.value);
      now.value = Date.now();
      ticking = setInterval(() => now.value = Date.now(), 200);
    });
    onUnmounted(() => {
      var _a;
      clearInterval(ticking);
      hide == null ? void 0 : hide();
      (_a = session.value) == null ? void 0 : _a.end();
    });
    const remark = computed(() => {
      const at = status.value;
      if (at === void 0) return "begins when the page has loaded";
      if (at.state === "backoff" || at.state === "suspended") {
        return `attempt ${at.attempt} in ${(Math.max(0, at.retryAt - now.value) / 1e3).toFixed(1)} s`;
      }
      if (at.state === "connecting") return `attempt ${at.attempt}, ${at.phase}`;
      if (at.state === "open") return at.stable ? "stable: earlier failures are forgotten" : "not yet stable";
      return at.state === "ended" ? "no attempt follows" : "";
    });
    const faults = [
      { label: "Black hole", title: "every packet vanishes, nobody is told", weather: "black hole", do: "silence" },
      { label: "Reset", title: "the link breaks, and the system says so", weather: "fine", do: "reset" },
      { label: "Refuse", title: "the server is gone, and its port says so", weather: "refusing", do: "refuse" },
      {
        label: "Offline",
        title: "a black hole, and the system says that there is no network",
        weather: "offline",
        do: "goOffline"
      },
      { label: "Heal", title: "all is well again", weather: "fine", do: "heal" }
    ];
    return (_ctx, _push, _parent, _attrs) => {
      var _a, _b, _c;
      _push(`<!--[--><div class="live" data-live${ssrRenderAttr("data-state", ((_a = status.value) == null ? void 0 : _a.state) ?? "none")} data-v-cd06b76d><div class="live-head" data-v-cd06b76d><span class="${ssrRenderClass([(_b = status.value) == null ? void 0 : _b.state, "live-state"])}" data-v-cd06b76d>${ssrInterpolate(((_c = status.value) == null ? void 0 : _c.state) ?? "…")}</span><span class="live-remark" data-v-cd06b76d>${ssrInterpolate(remark.value)}</span><span class="live-weather" data-v-cd06b76d>network: ${ssrInterpolate(weather.value)}${ssrInterpolate(rtt.value === void 0 ? "" : `, last pong after ${rtt.value} ms`)}</span></div><div class="live-buttons" role="group" aria-label="The network" data-v-cd06b76d><!--[-->`);
      ssrRenderList(faults, (fault) => {
        _push(`<button type="button"${ssrRenderAttr("title", fault.title)} data-v-cd06b76d>${ssrInterpolate(fault.label)}</button>`);
      });
      _push(`<!--]--></div><div class="live-buttons quiet" role="group" aria-label="The connection" data-v-cd06b76d><button type="button" data-v-cd06b76d>send()</button><button type="button" data-v-cd06b76d>reconnect()</button><button type="button" data-v-cd06b76d>close()</button><button type="button" data-v-cd06b76d>open()</button></div><ol class="live-log" aria-live="polite" reversed data-v-cd06b76d><!--[-->`);
      ssrRenderList(lines.value, (line) => {
        _push(`<li class="${ssrRenderClass(line.kind)}" data-v-cd06b76d><span class="at" data-v-cd06b76d>${ssrInterpolate(line.at)}</span><span data-v-cd06b76d>${ssrInterpolate(line.text)}</span></li>`);
      });
      _push(`<!--]--></ol></div><iframe class="live-viewer"${ssrRenderAttr("src", unref$1(withBase)("/viewer.html"))} title="The viewer, watching the connection of this page" data-v-cd06b76d></iframe><!--]-->`);
    };
  }
});
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add(".vitepress/theme/live/LiveConnection.vue");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const LiveConnection = /* @__PURE__ */ _export_sfc(_sfc_main, [["__scopeId", "data-v-cd06b76d"]]);
export {
  LiveConnection as default
};
