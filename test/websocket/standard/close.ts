// WHATWG WebSockets §3.1, `close(code, reason)`.
import { expect } from 'vitest'
import {
  expectDOMException,
  expectTypeError,
  fact,
  record,
  noting,
  quiet,
  thrownBy,
  type Fact,
  type Setup,
} from './setup.js'

const codeOf = ({ code, reason, wasClean }: CloseEvent): object => ({ code, reason, wasClean })

/** Closes an open socket with these arguments and returns what both sides received. */
async function close(setup: Setup, ...args: unknown[]): Promise<object> {
  const visit = setup.remembered('/echo')
  const socket = await setup.open(visit.path)
  expect(Reflect.apply(socket.close.bind(socket), undefined, args)).toBeUndefined()
  expect(socket.readyState).toBe(2)
  const received = codeOf(await setup.next(socket, 'close'))
  return { ...received, server: (await visit.facts((facts) => facts.close !== null)).close }
}

const closes = (title: string, args: () => unknown[], code: number, reason = ''): Fact =>
  fact(title, async (setup) => {
    expect(await close(setup, ...args())).toEqual({ code, reason, wasClean: true, server: { code, reason } })
  })

const refuses = (title: string, name: string, ...arguments_: unknown[][]): Fact =>
  fact(title, async (setup) => {
    const socket = await setup.open()
    for (const args of arguments_) {
      const work = (): unknown => Reflect.apply(socket.close.bind(socket), undefined, args)
      if (name === 'TypeError') expectTypeError(work)
      else expectDOMException(work, name)
      expect(socket.readyState).toBe(1)
    }
  })

export const closing: Fact[] = [
  closes('close() sends no code, so both sides receive 1005', () => [], 1005),
  closes('close(undefined) equals close()', () => [undefined], 1005),
  closes('close(undefined, undefined) equals close()', () => [undefined, undefined], 1005),
  closes('close(1000) sends 1000', () => [1000], 1000),
  closes('close(3000) sends 3000', () => [3000], 3000),
  closes('close(4999, reason) sends both', () => [4999, 'bye'], 4999, 'bye'),
  closes('close(undefined, reason) sends 1000', () => [undefined, 'bye'], 1000, 'bye'),
  closes('close(undefined, "") equals close()', () => [undefined, ''], 1005),
  closes('a code is converted to a number: "3000"', () => ['3000'], 3000),
  closes('a code is converted to a number: an object', () => [{ valueOf: () => 4000 }], 4000),
  closes('a fractional code is rounded to the nearest integer', () => [3000.4], 3000),
  closes('a code halfway is rounded down to the even number', () => [1000.5], 1000),
  closes('a code halfway is rounded up to the even number', () => [2999.5], 3000),
  closes('a reason is converted to text: null', () => [1000, null], 1000, 'null'),
  closes('a reason is converted to text: a number', () => [1000, 12], 1000, '12'),
  closes('an undefined reason is empty', () => [1000, undefined], 1000),
  closes('a lone surrogate in a reason becomes U+FFFD', () => [1000, 'a\ud800'], 1000, 'a\ufffd'),
  closes('a reason may have 123 bytes', () => [1000, '€'.repeat(41)], 1000, '€'.repeat(41)),
  refuses(
    'a code other than 1000 and 3000 to 4999 throws InvalidAccessError and does not change the socket',
    'InvalidAccessError',
    ...[0, 1, 999, 1001, 1005, 1006, 1011, 1015, 2999, 5000, 65_535, 66_536, -1000].map((code) => [code]),
  ),
  refuses(
    'a code that converts to another number throws InvalidAccessError',
    'InvalidAccessError',
    ...[null, NaN, Infinity, -Infinity, '', 'text', true, {}, [], 4999.5, 999.4, 2999.4].map((code) => [code]),
  ),
  refuses('a code that is a symbol or a bigint throws TypeError', 'TypeError', [Symbol('x')], [1000n]),
  refuses(
    'a reason of more than 123 bytes throws SyntaxError and does not change the socket',
    'SyntaxError',
    [1000, 'x'.repeat(124)],
    [1000, '€'.repeat(42)],
    [3000, '\ud800'.repeat(42)],
    [undefined, 'x'.repeat(124)],
  ),
  refuses('a reason that is a symbol throws TypeError', 'TypeError', [1000, Symbol('x')], [undefined, Symbol('x')]),
  refuses('an invalid code is checked before a long reason', 'InvalidAccessError', [1001, 'x'.repeat(124)]),
  fact('the exceptions of close() have the codes 15 and 12', async (setup) => {
    const socket = await setup.open()
    expect(thrownBy(() => socket.close(1001))).toHaveProperty('code', 15)
    expect(thrownBy(() => socket.close(1000, 'x'.repeat(124)))).toHaveProperty('code', 12)
  }),
  fact('code and reason are converted in this order before either is validated', async (setup) => {
    const socket = await setup.open()
    const log: string[] = []
    const args = [noting(log, 'code', 1001), noting(log, 'reason', 'x'.repeat(124))]
    expectDOMException(() => Reflect.apply(socket.close.bind(socket), undefined, args), 'InvalidAccessError')
    expect(log).toEqual(['code', 'reason'])
  }),
  fact('close() validates its arguments in every state', async (setup) => {
    const socket = setup.dial()
    const wrong = (): void => socket.close(1001)
    expectDOMException(wrong, 'InvalidAccessError')
    expect(socket.readyState).toBe(0)
    await setup.next(socket, 'open')
    socket.close()
    expectDOMException(wrong, 'InvalidAccessError')
    await setup.next(socket, 'close')
    expectDOMException(wrong, 'InvalidAccessError')
  }),
  fact(
    'close() while CONNECTING sets CLOSING at once, then fires error and close (1006), never open',
    async (setup) => {
      const socket = setup.dial('/hang')
      const received = record(socket)
      socket.close()
      expect(socket.readyState).toBe(2)
      expect(received).toEqual([])
      expect(codeOf(await setup.next(socket, 'close'))).toEqual({ code: 1006, reason: '', wasClean: false })
      await quiet()
      expect(received).toEqual([
        ['error', 3],
        ['close', 3],
      ])
    },
  ),
  fact('close() during the handshake fires error, then close (1006)', async (setup) => {
    const visit = setup.remembered('/hang')
    const socket = setup.dial(visit.path)
    const received = record(socket)
    await visit.facts((facts) => facts.arrived)
    socket.close(3000, 'unheard')
    expect(codeOf(await setup.next(socket, 'close'))).toEqual({ code: 1006, reason: '', wasClean: false })
    expect(received).toEqual([
      ['error', 3],
      ['close', 3],
    ])
  }),
  fact('close() while CLOSING changes nothing', async (setup) => {
    const socket = await setup.open()
    const received = record(socket)
    socket.close(3000, 'first')
    socket.close(4000, 'second')
    expect(socket.readyState).toBe(2)
    expect(codeOf(await setup.next(socket, 'close'))).toEqual({ code: 3000, reason: 'first', wasClean: true })
    await quiet()
    expect(received).toEqual([['close', 3]])
  }),
  fact('close() while CLOSED does nothing', async (setup) => {
    const socket = await setup.open()
    socket.close()
    await setup.next(socket, 'close')
    const received = record(socket)
    expect(socket.close(3000, 'again')).toBeUndefined()
    await quiet()
    expect(received).toEqual([])
    expect(socket.readyState).toBe(3)
  }),
  fact('close() in an open listener prevents message events', async (setup) => {
    const socket = setup.dial('/first-frame-with-101')
    const received = record(socket)
    socket.onopen = () => socket.close()
    await quiet(500)
    expect(received).not.toContainEqual(['message', 1])
    expect(received).not.toContainEqual(['message', 2])
    expect(received[0]).toEqual(['open', 1])
  }),
  fact('close() in a message listener sets CLOSING, and a clean close follows', async (setup) => {
    const socket = await setup.open()
    const states: number[] = []
    socket.onmessage = () => {
      socket.close(1000)
      states.push(socket.readyState)
    }
    const closed = setup.next(socket, 'close')
    socket.send('x')
    expect(codeOf(await closed)).toEqual({ code: 1000, reason: '', wasClean: true })
    expect(states).toEqual([2])
  }),
  fact('close() in an error or close listener does nothing', async (setup) => {
    const socket = setup.dial(setup.refusal)
    const received = record(socket)
    // Events fired within close() would loop forever.
    socket.onerror = () => {
      if (received.length < 3) socket.close()
    }
    socket.onclose = () => socket.close()
    await setup.next(socket, 'close')
    await quiet()
    expect(received).toEqual([
      ['error', 3],
      ['close', 3],
    ])
  }),
  fact('messages sent before close() are transmitted', async (setup) => {
    const visit = setup.remembered('/quiet')
    const socket = await setup.open(visit.path)
    socket.send('x'.repeat(300_000))
    socket.close()
    await setup.next(socket, 'close')
    expect((await visit.facts((facts) => facts.gone)).bytes).toBeGreaterThan(300_000)
  }),
]
