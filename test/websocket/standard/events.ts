// WHATWG WebSockets §4, feedback from the protocol, and the events' own interfaces.
import { expect } from 'vitest'
import { expectTypeError, fact, record, quiet, type Fact, type Recorded, type Setup } from './setup.js'

/** `close`, or that it never comes. */
const codeOf = ({ code, reason, wasClean }: CloseEvent): object => ({ code, reason, wasClean })

/** The events of a link that breaks with its first frame. */
function broken({ subject }: Setup, received: Recorded): Recorded {
  const missed = subject.mayMissOpen && received.length === 2
  return [...(missed ? [] : ([['open', 1]] satisfies Recorded)), ['error', 3], ['close', 3]]
}

export const events: Fact[] = [
  fact('no event fires in the constructor, and a listener added in the same task receives all', async (setup) => {
    const socket = setup.dial('/first-frame-with-101')
    expect(socket.readyState).toBe(0)
    await Promise.resolve()
    const received = record(socket)
    await setup.next(socket, 'message')
    expect(received).toEqual([
      ['open', 1],
      ['message', 1],
    ])
  }),
  fact('open, messages and close fire in this order, with readyState 1, 1 and 3', async (setup) => {
    const socket = setup.dial()
    const received = record(socket)
    socket.addEventListener('open', () => socket.send('x'))
    socket.addEventListener('message', () => socket.close())
    await setup.next(socket, 'close')
    expect(received).toEqual([
      ['open', 1],
      ['message', 1],
      ['close', 3],
    ])
  }),
  fact("data after the server's close frame is not delivered", async (setup) => {
    const socket = setup.dial('/late-frames')
    const received = record(socket)
    await setup.next(socket, 'close')
    expect(received.filter(([type]) => type === 'message')).toEqual([['message', 1]])
  }),
  fact('the open event is a plain Event that neither bubbles nor is cancelable', async (setup) => {
    const socket = setup.dial()
    const event = await setup.next(socket, 'open')
    expect(event.constructor).toBe(Event)
    const { bubbles, cancelable, composed, defaultPrevented } = event
    expect({ bubbles, cancelable, composed, defaultPrevented }).toEqual({
      bubbles: false,
      cancelable: false,
      composed: false,
      defaultPrevented: false,
    })
    expect(event.target).toBe(socket)
  }),
  fact('during dispatch target and currentTarget are the socket, and the phase is AT_TARGET', async (setup) => {
    const socket = setup.dial()
    const seen: unknown[] = []
    socket.onopen = (event) => seen.push(event.target === socket, event.currentTarget === socket, event.eventPhase)
    await setup.next(socket, 'open')
    expect(seen).toEqual([true, true, 2])
  }),
  fact('the events are trusted', async (setup) => {
    expect((await setup.next(setup.dial(), 'open')).isTrusted).toBe(true)
  }),
  fact('a message is a MessageEvent with only data and origin set', async (setup) => {
    const socket = setup.dial('/first-frame-with-101')
    const event = await setup.next(socket, 'message')
    expect(event).toBeInstanceOf(MessageEvent)
    const { data, origin, lastEventId, source, ports } = event
    expect({ data, origin, lastEventId, source, ports: [...ports] }).toEqual({
      data: 'first',
      origin: setup.server,
      lastEventId: '',
      source: null,
      ports: [],
    })
    expect([event.bubbles, event.cancelable]).toEqual([false, false])
  }),
  fact('the ports of a message are a frozen array, always the same object', async (setup) => {
    const event = await setup.next(setup.dial('/first-frame-with-101'), 'message')
    expect(Object.isFrozen(event.ports)).toBe(true)
    expect(event.ports).toBe(event.ports)
  }),
  fact('the origin of a message is that of the serialized url', async (setup) => {
    const socket = setup.make(
      `${setup.server.replace('ws:', 'HTTP:').replace('//', '//user:x@')}/first-frame-with-101?q`,
    )
    expect((await setup.next(socket, 'message')).origin).toBe(setup.server)
  }),
  fact('the fields of message and close events are read-only', async (setup) => {
    const socket = await setup.open()
    socket.send('x')
    const message = await setup.next(socket, 'message')
    for (const name of ['data', 'origin']) expectTypeError(() => Object.assign(message, { [name]: 'other' }))
    socket.close(1000)
    const close = await setup.next(socket, 'close')
    for (const name of ['code', 'reason', 'wasClean']) expectTypeError(() => Object.assign(close, { [name]: 1 }))
    expect(close.code).toBe(1000)
  }),
  fact("a close event is a CloseEvent with the server's code, reason and wasClean", async (setup) => {
    const socket = setup.dial('/close?code=4321&reason=gr%C3%BC%C3%9Fe')
    const event = await setup.next(socket, 'close')
    expect(codeOf(event)).toEqual({ code: 4321, reason: 'grüße', wasClean: true })
    const { CloseEvent } = globalThis as { CloseEvent?: typeof globalThis.CloseEvent }
    // Node has none before 23.
    if (CloseEvent !== undefined) expect(event).toBeInstanceOf(CloseEvent)
    expect([event.bubbles, event.cancelable, event.type]).toEqual([false, false, 'close'])
  }),
  fact('a close event has only the standard fields', async (setup) => {
    const event = await setup.next(setup.dial('/close?code=1000'), 'close')
    expect(Object.keys(event).filter((name) => name !== 'isTrusted')).toEqual([])
  }),
  fact('a close frame without a code gives 1005', async (setup) => {
    const socket = setup.dial('/close')
    const received = record(socket)
    expect(codeOf(await setup.next(socket, 'close'))).toEqual({ code: 1005, reason: '', wasClean: true })
    expect(received.map(([type]) => type)).toEqual(['open', 'close'])
  }),
  fact('a refused handshake fires error, then close (1006), both while CLOSED, and no open', async (setup) => {
    const socket = setup.dial(setup.refusal)
    const received = record(socket)
    expect(codeOf(await setup.next(socket, 'close'))).toEqual({ code: 1006, reason: '', wasClean: false })
    expect(received).toEqual([
      ['error', 3],
      ['close', 3],
    ])
  }),
  fact('a refused connection fires error, then close (1006), and no open', async (setup) => {
    const socket = setup.make(setup.subject.refused)
    const received = record(socket)
    expect(codeOf(await setup.next(socket, 'close'))).toEqual({ code: 1006, reason: '', wasClean: false })
    expect(received).toEqual([
      ['error', 3],
      ['close', 3],
    ])
  }),
  fact('a wrong Sec-WebSocket-Accept fires error, then close (1006)', async (setup) => {
    const socket = setup.dial('/bad-accept')
    const received = record(socket)
    expect(codeOf(await setup.next(socket, 'close'))).toEqual({ code: 1006, reason: '', wasClean: false })
    expect(received).toEqual([
      ['error', 3],
      ['close', 3],
    ])
  }),
  fact('an error event is a plain Event without details', async (setup) => {
    const event = await setup.next(setup.dial(setup.refusal), 'error')
    expect(event.constructor).toBe(Event)
    expect(['message', 'error', 'code'].filter((name) => name in event)).toEqual([])
  }),
  fact('an error event neither bubbles nor is cancelable', async (setup) => {
    const event = await setup.next(setup.dial(setup.refusal), 'error')
    expect([event.bubbles, event.cancelable]).toEqual([false, false])
  }),
  fact('a reset link fires close (1006) without error, because the client did not fail it', async (setup) => {
    const socket = setup.dial('/reset-after-open')
    const received = record(socket)
    expect(codeOf(await setup.next(socket, 'close'))).toEqual({ code: 1006, reason: '', wasClean: false })
    expect(received.filter(([type]) => type !== 'open')).toEqual([['close', 3]])
  }),
  fact('invalid UTF-8 fires error, then an unclean close, and no message', async (setup) => {
    const socket = setup.dial('/bad-utf8')
    const received = record(socket)
    expect((await setup.next(socket, 'close')).wasClean).toBe(false)
    expect(received).toEqual(broken(setup, received))
  }),
  fact('a frame with an unknown opcode fires error, then an unclean close', async (setup) => {
    const socket = setup.dial('/bad-opcode')
    const received = record(socket)
    expect((await setup.next(socket, 'close')).wasClean).toBe(false)
    expect(received).toEqual(broken(setup, received))
  }),
  fact('a lost socket stays CLOSED and fires no more events', async (setup) => {
    const socket = setup.dial(`/reset-once?id=${Math.random()}`)
    await setup.next(socket, 'close')
    const received = record(socket)
    // Enough time for any pending callback.
    await quiet(2_500)
    expect(socket.readyState).toBe(3)
    expect(received).toEqual([])
  }),
  fact('protocol and extensions are set from open on and remain after close', async (setup) => {
    const socket = await setup.open('/deflate', 'chat')
    const { extensions } = socket
    expect(socket.protocol).toBe('chat')
    expect(extensions).toContain('permessage-deflate')
    socket.close()
    await setup.next(socket, 'close')
    expect(socket.protocol).toBe('chat')
    expect(socket.extensions).toBe(extensions)
    expect(socket.url).toBe(`${setup.server}/deflate`)
  }),
]
