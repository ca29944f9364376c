import type { Socket, SocketSink, Target, Transport } from '../../src/index.js'

type Mutate = (inner: Transport, signal: AbortSignal) => Transport['connect']

const hour = 3_600_000

/** Defects between the connection and its checks, one for each check. The soak must find every one. */
export const mutants = {
  'leaks a listener': (inner, signal) => (target, sink) => {
    signal.addEventListener('abort', () => {})
    return inner.connect(target, sink)
  },
  'keeps every link': (inner) => {
    const kept: SocketSink[] = []
    return (target, sink) => {
      kept.push(sink)
      return inner.connect(target, sink)
    }
  },
  'keeps some bytes': (inner) => {
    const kept: string[][] = []
    return (target, sink) => {
      kept.push(Array.from({ length: 250 }, () => target.url))
      return inner.connect(target, sink)
    }
  },
  'leaks a timer': (inner) => (target, sink) => {
    setTimeout(() => {}, hour)
    return inner.connect(target, sink)
  },
  'makes two sockets': (inner) => {
    let dials = 0
    return (target, sink) => {
      dials += 1
      if (dials === 20) inner.connect({ ...target, url: `${target.url}9999999` }, silent)
      return inner.connect(target, sink)
    }
  },
  'hears the last link': (inner) => {
    let last: string | undefined
    return (target, sink) => {
      const before = last
      return inner.connect(target, {
        opened: (info) => {
          sink.opened(info)
          if (before !== undefined) queueMicrotask(() => sink.message(before))
        },
        message: (data) => {
          if (typeof data === 'string' && data.startsWith('s ')) last = data
          sink.message(data)
        },
        alive: (frame) => sink.alive(frame),
        failed: (detail) => sink.failed(detail),
        closed: (close, answered) => sink.closed(close, answered),
      })
    }
  },
  'loses a message': (inner) => every50th(inner, () => {}),
  'sends a message twice': (inner) =>
    every50th(inner, (send, data) => {
      send(data)
      send(data)
    }),
  'calls uncertain certain': (inner) => (target, sink) => {
    const socket = inner.connect(target, sink)
    const ping = socket.ping?.bind(socket)
    socket.ping = () => {
      ping?.()
      queueMicrotask(() => sink.alive('pong'))
    }
    return socket
  },
  'rejects, unheard': (inner) => (target, sink) => {
    void Promise.reject(new Error('unhandled'))
    return inner.connect(target, sink)
  },
} satisfies Record<string, Mutate>

export type Mutant = keyof typeof mutants

const silent: SocketSink = { opened() {}, message() {}, alive() {}, failed() {}, closed() {} }

function every50th(
  inner: Transport,
  instead: (send: Socket['send'], data: Parameters<Socket['send']>[0]) => void,
): (target: Target, sink: SocketSink) => Socket {
  let sends = 0
  return (target, sink) => {
    const socket = inner.connect(target, sink)
    const send = socket.send.bind(socket)
    socket.send = (data) => {
      sends += 1
      if (sends % 50 === 0 && data !== 'ping') instead(send, data)
      else send(data)
    }
    return socket
  }
}

export function mutated(inner: Transport, mutant: Mutant | undefined, signal: AbortSignal): Transport {
  return mutant === undefined ? inner : { connect: mutants[mutant](inner, signal) }
}
