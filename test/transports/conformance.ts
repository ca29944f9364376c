import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ConnectionError } from '../../src/core/errors.js'
import type { BinaryType, SendData, Target, Transport } from '../../src/core/transport.js'
import type { Facts } from './conformance-server.js'
import { bePatient, bytesOf, codeOf, Dialed, until } from './dialed.js'

/** A transport's capabilities beyond the standard. It must not offer those it lacks. */
export interface Capabilities {
  readonly headers: boolean
  /** Reports the HTTP status of a refused upgrade. */
  readonly status: boolean
  readonly ping: boolean
  readonly pause: boolean
  /** Drops TCP immediately, without waiting for the peer to answer a close. */
  readonly terminate: boolean
}

export interface Conformance {
  readonly transport: () => Transport
  readonly server: () => { readonly url: string; readonly refused: string }
  readonly capabilities: Capabilities
  /** How long a wait may take before it fails. Milliseconds. @default 3 s */
  readonly patience?: number
  /** Whether the runtime reports a refused upgrade only after the whole body has arrived. @default false */
  readonly waitsForBody?: boolean
  /** Tests that the runtime itself fails, by title, each with what it does instead. */
  readonly knownFaults?: Readonly<Record<string, string>>
}

let visits = 0

export function describeTransport(name: string, suite: Conformance): void {
  const { capabilities, patience = 3_000, waitsForBody = false } = suite
  const dialed: Dialed[] = []
  const titles = new Set<string>()
  const test = (title: string, run: () => Promise<void>): void => {
    titles.add(title)
    // Expected to fail, not skipped, so a fix in the runtime is noticed.
    const timeout = 3 * patience
    if (suite.knownFaults?.[title] === undefined) it(title, run, timeout)
    else it.fails(`${title} [not here: ${suite.knownFaults[title]}]`, run, timeout)
  }

  /** Dials a behavior of the server with an id of its own, which identifies it at the server. */
  function dial(path: string, target: Partial<Target> = {}): Dialed & { id: string } {
    const id = `${name}-${(visits += 1)}-${Math.random()}`
    const url = `${suite.server().url}${path}${path.includes('?') ? '&' : '?'}id=${encodeURIComponent(id)}`
    const each = Object.assign(new Dialed(suite.transport(), { url, ...target }), { id })
    dialed.push(each)
    return each
  }
  const dialUrl = (url: string, target = {}): Dialed => dial('', { url, ...target })

  async function ask(what: string, { id }: { id: string }): Promise<Response> {
    return fetch(
      `${suite.server().url.replace(/^ws/, 'http')}/${what}${what.includes('?') ? '&' : '?'}id=${encodeURIComponent(id)}`,
    )
  }
  const facts = async (of: { id: string }): Promise<Partial<Facts>> =>
    ((await (await ask('facts', of)).json()) as Facts | null) ?? {}
  const seen = (of: { id: string }, expected: Partial<Facts>): Promise<void> =>
    until(async () => expect(await facts(of)).toMatchObject(expected))

  /** Makes a round trip on another socket, after which everything sent before has arrived. */
  async function roundTrip(): Promise<void> {
    const other = await dial('/echo').opened()
    other.send('there and back')
    await other.received(1)
    other.close(1000)
    await other.closed()
  }

  describe(`${name} conforms`, () => {
    beforeAll(() => bePatient(patience))
    afterAll(() => expect(Object.keys(suite.knownFaults ?? {}).filter((title) => !titles.has(title))).toEqual([]))
    afterEach(() => {
      const each = dialed.splice(0)
      for (const { socket } of each) socket.abandon()
      expect(each.flatMap(({ breaches }) => breaches)).toEqual([])
    })

    describe('opening', () => {
      test('a socket opens, without a subprotocol unless one was negotiated', async () => {
        const { log } = await dial('/echo').opened()
        expect(log[0]).toEqual({ type: 'opened', protocol: '', extensions: expect.any(String) as string })
      })

      test('the subprotocol the server chose is reported', async () => {
        const { log } = await dial('/echo?choose=b.v2', { protocols: ['a.v1', 'b.v2'] }).opened()
        expect(log[0]).toMatchObject({ protocol: 'b.v2' })
      })

      test('a frame in the same packet as the 101 arrives after opened (H14)', async () => {
        const socket = dial('/first-frame-with-101')
        expect(await socket.received(1)).toEqual(['first'])
        expect(socket.types).toEqual(['opened', 'message'])
      })

      test('the socket is open while the opened listener runs, so it can send', async () => {
        const socket = dial('/echo')
        socket.onEntry = ({ type }) => type === 'opened' && socket.send('at once')
        expect(await socket.received(1)).toEqual(['at once'])
      })
    })

    describe('messages out', () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
      const out: [string, () => SendData, number[] | string][] = [
        ['text', () => 'héllo ☃ 💧', 'héllo ☃ 💧'],
        ['empty text', () => '', ''],
        ['an ArrayBuffer', () => bytes.slice().buffer, [...bytes]],
        ['an empty ArrayBuffer', () => new ArrayBuffer(0), []],
        ['a Uint8Array', () => bytes, [...bytes]],
        ['a part of a Uint8Array', () => bytes.subarray(3, 7), [3, 4, 5, 6]],
        ['a part of a Uint16Array', () => new Uint16Array(bytes.slice().buffer, 4, 2), [4, 5, 6, 7]],
        ['a DataView with an offset', () => new DataView(bytes.slice().buffer, 250, 6), [250, 251, 252, 253, 254, 255]],
        ['a Blob', () => new Blob([bytes.subarray(0, 2), bytes.subarray(9, 10)]), [0, 1, 9]],
        ['an empty Blob', () => new Blob([]), []],
      ]
      for (const [what, data, expected] of out) {
        test(`${what} is sent byte for byte`, async () => {
          const socket = await dial('/echo').opened()
          socket.send(data())
          const [echoed] = await socket.received(1)
          expect(typeof expected === 'string' ? echoed : await bytesOf(echoed!)).toEqual(expected)
        })
      }

      test('1 MiB makes a round trip, as text and as binary', async () => {
        const socket = await dial('/echo').opened()
        const text = 'x'.repeat(1 << 20)
        const binary = Uint8Array.from({ length: 1 << 20 }, (_, i) => i % 251)
        socket.send(text)
        socket.send(binary)
        const [first, second] = await socket.received(2)
        expect(first === text).toBe(true)
        expect((await bytesOf(second!)).every((byte, i) => byte === i % 251)).toBe(true)
      })

      test('text, binary and Blobs leave in the order they were sent', async () => {
        const socket = await dial('/echo').opened()
        socket.send('0')
        socket.send(new Blob(['1']))
        socket.send('2')
        socket.send(new TextEncoder().encode('3'))
        socket.send(new Blob(['4']))
        socket.send('5')
        const texts = (await socket.received(6)).map((each) =>
          typeof each === 'string' ? each : new TextDecoder().decode(each as ArrayBuffer),
        )
        expect(texts).toEqual(['0', '1', '2', '3', '4', '5'])
      })

      for (const [path, though] of [
        ['/echo', 'a Blob is ahead of them'],
        ['/deflate', 'they are compressed'],
      ]) {
        test(`bytes are sent as they were at the call, though ${though} and the buffer changes afterwards`, async () => {
          const socket = await dial(path!).opened()
          const scratch = new Uint8Array(4_096)
          if (path === '/echo') socket.send(new Blob([scratch]))
          for (let i = path === '/echo' ? 1 : 0; i < 8; i += 1) socket.send(scratch.fill(i))
          scratch.fill(99)
          const echoes = await Promise.all((await socket.received(8)).map(bytesOf))
          expect(echoes.map((each) => [...new Set(each)])).toEqual([[0], [1], [2], [3], [4], [5], [6], [7]])
        })
      }

      test('bufferedAmount is a number in every state', async () => {
        const socket = dial('/echo')
        expect(socket.socket.bufferedAmount).toBe(0)
        await socket.opened()
        socket.send('x'.repeat(10_000))
        expect(socket.socket.bufferedAmount).toBeGreaterThanOrEqual(0)
        socket.close(1000)
        await socket.closed()
        expect(socket.socket.bufferedAmount).toBeGreaterThanOrEqual(0)
      })

      test('send throws while connecting (D07)', async () => {
        const socket = dial('/hang')
        expect(() => socket.send('early')).toThrow(ConnectionError)
        await seen(socket, { arrived: true })
        expect(() => socket.send('early')).toThrow(ConnectionError)
      })

      test('send throws while closing, when closed and when abandoned, where the standard is silent (D07)', async () => {
        const closing = await dial('/ignore-close').opened()
        closing.close(1000)
        expect(() => closing.send('late')).toThrow(ConnectionError)
        const closed = dial('/close?code=1000')
        await closed.closed()
        expect(() => closed.send('late')).toThrow(ConnectionError)
        const abandoned = await dial('/echo').opened()
        abandoned.abandon()
        expect(() => abandoned.send('late')).toThrow(ConnectionError)
      })
    })

    describe('messages in', () => {
      for (const binaryType of ['arraybuffer', 'blob'] satisfies BinaryType[]) {
        test(`text and binary arrive in order, binary as ${binaryType} (P05)`, async () => {
          const socket = dial('/burst?n=20', { binaryType })
          const messages = await socket.received(40)
          const type = binaryType === 'blob' ? Blob : ArrayBuffer
          const expected = Array.from({ length: 20 }, (_, i) => [`t${i}`, [i]]).flat()
          expect(messages.filter((each) => typeof each !== 'string').every((each) => each instanceof type)).toBe(true)
          expect(
            await Promise.all(messages.map(async (each) => (typeof each === 'string' ? each : bytesOf(each)))),
          ).toEqual(expected)
        })
      }

      test('binaryType applies from the next message on', async () => {
        const socket = await dial('/echo').opened()
        expect(socket.socket.binaryType).toBe('arraybuffer')
        socket.send(new Uint8Array([1]))
        await socket.received(1)
        socket.socket.binaryType = 'blob'
        expect(socket.socket.binaryType).toBe('blob')
        socket.send(new Uint8Array([2]))
        const [first, second] = await socket.received(2)
        expect([first instanceof ArrayBuffer, second instanceof Blob]).toEqual([true, true])
      })

      test('empty text and empty binary are messages', async () => {
        const [text, binary] = await dial('/empty').received(2)
        expect(text).toBe('')
        expect(await bytesOf(binary!)).toEqual([])
      })
    })

    describe('closing', () => {
      test('close sends code and reason, and the closing handshake is clean', async () => {
        const socket = await dial('/echo').opened()
        socket.close(4001, 'bye ☃')
        expect(await socket.closed()).toMatchObject({ code: 4001, reason: 'bye ☃', wasClean: true, detail: undefined })
        await seen(socket, { close: { code: 4001, reason: 'bye ☃' } })
      })

      test('close without arguments sends no code', async () => {
        const socket = await dial('/echo').opened()
        socket.close()
        expect(await socket.closed()).toMatchObject({ reason: '', wasClean: true })
        await seen(socket, { close: { code: 1005, reason: '' } })
      })

      for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4000, 4999]) {
        test(`the server's ${code} and its reason are reported (C02)`, async () => {
          const close = await dial(`/close?code=${code}&reason=${encodeURIComponent('why ☃')}`).closed()
          expect(close).toEqual({ code, reason: 'why ☃', wasClean: true, detail: undefined })
        })
      }

      test("a server's close without a code is reported as 1005 (C02)", async () => {
        expect(await dial('/close').closed()).toMatchObject({ code: 1005, reason: '', wasClean: true })
      })

      test('frames after the close frame are not delivered, even from the same packet', async () => {
        const socket = dial('/late-frames')
        await socket.closed()
        await roundTrip()
        expect(socket.messages).toEqual(['before'])
      })

      test('close while connecting ends with 1006, once (C05)', async () => {
        const socket = dial('/hang')
        await seen(socket, { arrived: true })
        socket.close(1000, 'changed my mind')
        expect(await socket.closed()).toMatchObject({ code: 1006, wasClean: false })
        await roundTrip()
        expect(socket.types.filter((type) => type !== 'failed')).toEqual(['closed'])
      })

      test('close in the same turn as connect ends with 1006, once (C05)', async () => {
        const socket = dial('/echo')
        socket.close()
        expect(await socket.closed()).toMatchObject({ code: 1006, wasClean: false })
      })

      test('close inside a message ends the socket once, and a second close changes nothing (A01, C07)', async () => {
        const socket = dial('/first-frame-with-101')
        socket.onEntry = ({ type }) => {
          if (type !== 'message') return
          socket.close(1000)
          socket.close(1000)
        }
        await socket.received(1)
        socket.close(4000)
        socket.abandon()
        socket.close()
      })

      for (const code of [999, 1005, 1006, 1015, 5000]) {
        test(`illegal code ${code} on the wire is reported as 1006, once (C03)`, async () => {
          expect(await dial(`/illegal-close?code=${code}`).closed()).toMatchObject({ code: 1006, wasClean: false })
        })
      }
    })

    describe('failing', () => {
      test('a refused connection reports failed, then closed with 1006', async () => {
        const socket = dialUrl(suite.server().refused)
        const { code, wasClean, detail } = await socket.closed()
        expect({ code, wasClean, error: codeOf(detail), fatal: detail?.fatal }).toEqual({
          code: 1006,
          wasClean: false,
          error: 'ERR_SOCKET',
          fatal: undefined,
        })
        expect(socket.types).toEqual(['failed', 'closed'])
      })

      const refusals = '200 N15, 302 H06, 401 H03, 403 H03, 404 H04, 426 N18, 429 H05, 500, 503 H05'.split(', ')
      for (const [status, id] of refusals.map((each) => each.split(' '))) {
        test(`an upgrade answered with HTTP ${status} never opens${id ? ` (${id})` : ''}`, async () => {
          const socket = dial(`/status?code=${status}&location=/echo${waitsForBody ? '&whole' : ''}`)
          const { code, wasClean, detail } = await socket.closed()
          expect({ code, wasClean }).toEqual({ code: 1006, wasClean: false })
          expect(socket.types).toEqual(['failed', 'closed'])
          expect(detail?.status).toBe(capabilities.status ? Number(status) : undefined)
          expect(codeOf(detail)).toBe(capabilities.status ? 'ERR_HANDSHAKE' : 'ERR_SOCKET')
          // Otherwise it depends on the runtime: some wait for the body of a 401, to answer its challenge.
          if (capabilities.terminate) await seen(socket, { gone: true })
        })
      }

      if (waitsForBody) {
        test('a refusal whose body never ends reports nothing, and abandoning it frees the TCP connection (H01)', async () => {
          const socket = dial('/status?code=503')
          await seen(socket, { arrived: true })
          await roundTrip()
          expect(socket.log).toEqual([])
          socket.abandon()
          await seen(socket, { gone: true })
        })
      }

      test('a handshake that is reset ends with 1006', async () => {
        const socket = dial('/reset-in-handshake')
        expect(await socket.closed()).toMatchObject({ code: 1006, wasClean: false })
        expect(socket.types).not.toContain('opened')
      })

      for (const path of ['/reset-after-open', '/end-after-open']) {
        test(`a link lost right after the 101 ends with 1006, whether or not it opened (${path}, N05)`, async () => {
          expect(await dial(path).closed()).toMatchObject({ code: 1006, wasClean: false })
        })
      }

      for (const path of ['/bad-accept', '/wrong-protocol']) {
        test(`a 101 that doesn't match the request never opens (${path}, H07)`, async () => {
          const socket = dial(path, { protocols: path === '/wrong-protocol' ? ['asked.for'] : [] })
          expect(await socket.closed()).toMatchObject({ code: 1006, wasClean: false })
          expect(socket.types).toEqual(['failed', 'closed'])
        })
      }

      for (const path of ['/bad-utf8', '/reserved-bit', '/bad-opcode']) {
        test(`a malformed frame ends with 1006 and delivers nothing (${path}, P02)`, async () => {
          const socket = dial(path)
          expect(await socket.closed()).toMatchObject({ code: 1006, wasClean: false })
          expect(socket.messages).toEqual([])
        })
      }

      for (const url of ['ws://[', 'ftp://127.0.0.1/', 'ws://127.0.0.1/#part']) {
        test(`${url} fails asynchronously and is fatal (H11)`, async () => {
          const socket = dialUrl(url)
          expect(socket.log).toEqual([])
          const { code, detail } = await socket.closed()
          expect([code, detail?.fatal, codeOf(detail)]).toEqual([1006, true, 'ERR_URL'])
          expect(() => socket.send('x')).toThrow(ConnectionError)
          socket.close()
        })
      }

      for (const protocols of [['a', 'a'], ['not a token']]) {
        test(`subprotocols ${JSON.stringify(protocols)} are fatal (H11)`, async () => {
          const { detail } = await dial('/echo', { protocols }).closed()
          expect([detail?.fatal, codeOf(detail)]).toEqual([true, 'ERR_OPTION'])
        })
      }
    })

    describe('abandoning', () => {
      test('while connecting, it reports nothing (H01, H08)', async () => {
        const socket = dial('/hang')
        await seen(socket, { arrived: true })
        socket.abandon(4000, 'too slow')
        await roundTrip()
        expect(socket.log).toEqual([])
      })

      test('a handshake that is abandoned or closed frees its TCP connection (H08)', async () => {
        const [abandoned, closed] = [dial('/hang'), dial('/hang')]
        await seen(abandoned, { arrived: true })
        abandoned.abandon()
        await seen(closed, { arrived: true })
        closed.close()
        await seen(abandoned, { gone: true })
        await seen(closed, { gone: true })
      })

      test('in the same turn as connect, it reports nothing', async () => {
        const socket = dial('/echo')
        socket.abandon()
        await roundTrip()
        expect(socket.log).toEqual([])
      })

      test('while open, it sends the server a reason and reports nothing more', async () => {
        const socket = await dial('/echo').opened()
        socket.abandon(4000, 'silent for too long')
        await seen(socket, { close: { code: 4000, reason: 'silent for too long' }, gone: true })
        expect(socket.types).toEqual(['opened'])
      })

      test('while closing, it reports nothing more, not even closed (C01)', async () => {
        const socket = await dial('/ignore-close').opened()
        socket.close(1000)
        socket.abandon()
        await roundTrip()
        expect(socket.types).toEqual(['opened'])
        if (capabilities.terminate) await seen(socket, { gone: true })
      })

      test('when closed, or a second time, it does nothing', async () => {
        const socket = dial('/close?code=1000')
        await socket.closed()
        socket.abandon(4000, 'again')
        socket.abandon()
        await roundTrip()
        expect(socket.types).toEqual(['opened', 'closed'])
      })

      test('inside a message, it drops the rest of the same packet', async () => {
        const socket = dial('/burst?n=20')
        socket.onEntry = () => socket.messages.length === 3 && socket.abandon()
        await socket.received(3)
        await roundTrip()
        expect(socket.messages.length).toBe(3)
      })

      test('inside opened and inside failed, it suppresses what follows', async () => {
        const open = dial('/first-frame-with-101')
        open.onEntry = () => open.abandon()
        const failed = dialUrl(suite.server().refused)
        failed.onEntry = () => failed.abandon()
        await until(() => expect([open.types, failed.types]).toEqual([['opened'], ['failed']]))
        await roundTrip()
        expect([open.types, failed.types]).toEqual([['opened'], ['failed']])
      })
    })

    describe('capabilities', () => {
      test('optional methods exist only where they work (P06)', async () => {
        const { socket } = dial('/echo')
        expect([typeof socket.ping, typeof socket.pause, typeof socket.resume]).toEqual(
          [capabilities.ping, capabilities.pause, capabilities.pause].map((can) => (can ? 'function' : 'undefined')),
        )
      })

      if (!capabilities.headers) {
        test('unsupported headers are fatal, and the error names the remedy', async () => {
          const { detail } = await dial('/echo', { headers: { authorization: 'x' } }).closed()
          expect([detail?.fatal, codeOf(detail)]).toEqual([true, 'ERR_TRANSPORT'])
          expect(String(detail?.error)).toContain('statewire/ws')
        })
      } else {
        test("the target's headers are sent", async () => {
          const socket = dial('/headers', { headers: { authorization: 'Bearer abc' } })
          expect(JSON.parse((await socket.received(1))[0] as string)).toMatchObject({ authorization: 'Bearer abc' })
        })
      }

      if (capabilities.ping) {
        test('a ping reaches the server, and its pong counts as activity', async () => {
          const socket = await dial('/quiet').opened()
          socket.ping()
          await until(() => expect(socket.of('alive')).toEqual([{ type: 'alive', frame: 'pong' }]))
          await seen(socket, { pings: 1 })
        })

        test("the server's ping counts as activity", async () => {
          const socket = dial('/ping')
          await until(() => expect(socket.of('alive')).toEqual([{ type: 'alive', frame: 'ping' }]))
        })

        test('ping is a no-op unless open', async () => {
          const connecting = dial('/hang')
          connecting.ping()
          const closed = dial('/close?code=1000')
          await closed.closed()
          closed.ping()
          const abandoned = await dial('/quiet').opened()
          abandoned.abandon()
          abandoned.ping()
        })
      }

      if (capabilities.pause) {
        test('a paused socket delivers nothing until resumed, then everything in order', async () => {
          const socket = await dial('/quiet').opened()
          socket.pause()
          for (const text of ['a', 'b', 'c']) await ask(`tell?text=${text}`, socket)
          await roundTrip()
          expect(socket.messages).toEqual([])
          socket.resume()
          expect(await socket.received(3)).toEqual(['a', 'b', 'c'])
        })

        test('a paused socket can be closed cleanly', async () => {
          const socket = await dial('/echo').opened()
          socket.pause()
          socket.close(1000)
          expect(await socket.closed()).toMatchObject({ code: 1000, wasClean: true })
        })

        test('a paused socket can be abandoned, and drops what it held', async () => {
          const socket = await dial('/quiet').opened()
          socket.pause()
          await ask('tell?text=a', socket)
          socket.abandon()
          await seen(socket, { gone: true })
          await roundTrip()
          expect(socket.types).toEqual(['opened'])
        })

        test('pause and resume are no-ops unless open', async () => {
          const socket = dial('/close?code=1000')
          socket.pause()
          socket.resume()
          await socket.closed()
          socket.pause()
          socket.resume()
        })
      }
    })
  })
}
