import fc from 'fast-check'
import { test } from 'vitest'
import { settle } from '../../src/tools/testing/clock.js'
import type { FakeSocket } from '../../src/tools/testing/transport.js'
import { everySecond, setupSocket } from './support/setup-socket.js'

/** The actions of an app, a server and time, in any order. `inside` defers them to the next listener. */
type Act = 'send' | 'close' | 'reconnect' | 'drain' | 'accept' | 'lose' | 'refuse' | 'answer' | 'wait'
interface Step {
  readonly act: Act
  readonly inside: boolean
}

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.oneof(
    { weight: 5, arbitrary: fc.constant('send' as const) },
    { weight: 3, arbitrary: fc.constantFrom<Act>('accept', 'wait') },
    { weight: 2, arbitrary: fc.constantFrom<Act>('lose', 'refuse', 'answer', 'close', 'reconnect') },
    { weight: 1, arbitrary: fc.constant('drain' as const) },
  ),
  inside: fc.boolean(),
})

/** The drop-in class beside a model that only counts. */
class Game {
  readonly all: ReturnType<typeof setupSocket>
  /** Each message has a unique length, so a sum of bytes identifies its messages. */
  #next = 1
  /** The model's queued messages. */
  #waiting: string[] = []
  /** The model's count of bytes sent after the end. */
  #discarded = 0
  #taken: string[] = []
  #later: Act[] = []
  /** The first one begins in the constructor, before any listener exists. */
  #attempts = 1
  readonly breaches: string[] = []

  constructor(maxRetries: number) {
    this.all = setupSocket({ ...everySecond, maxRetries, minUptime: 2_000, connectionTimeout: 5_000 })
    const { ws } = this.all
    ws.connection.on('state', (status) => {
      // Attempts of `reconnect` are counted at the call: one that is closed at once has no observable state.
      const isNew = status.state === 'connecting' && status.phase === 'resolving'
      if (isNew && status.why === 'retry') this.#attempts++
    })
    for (const type of ['open', 'error', 'close', 'message'] as const) {
      ws.addEventListener(type, () => {
        // The queue is empty before the open event.
        if (type === 'open') this.#flushed()
        const act = this.#later.shift()
        if (act !== undefined) this.#do(act)
        this.#look(`in ${type}`)
      })
    }
  }

  async play(steps: readonly Step[]): Promise<void> {
    for (const { act, inside } of steps) {
      if (inside) this.#later.push(act)
      else this.#do(act)
      this.#look(act)
      await settle()
      if (act === 'wait') await this.all.clock.advance(1_000)
      this.#look(`after ${act}`)
    }
    this.#later = []
    const { ws, clock } = this.all
    ws.close()
    await clock.advance(10_000)
    this.#look('at the end')
    this.#check()
    if (this.breaches.length > 0) throw new Error(this.breaches.join('\n'))
  }

  #do(act: Act): void {
    const { ws, transport } = this.all
    const socket: FakeSocket | undefined = transport.sockets.at(-1)
    if (act === 'send') {
      const message = `${this.#next}`.padEnd(this.#next++, '.')
      const over = !ws.shouldReconnect
      if (over) this.#discarded += message.length
      else this.#waiting.push(message)
      ws.send(message)
      if (!over && ws.readyState === 1) this.#flushed()
    }
    if (act === 'close') ws.close()
    if (act === 'reconnect') {
      this.#discarded = 0
      this.#attempts++
      ws.reconnect()
    }
    if (act === 'drain') {
      const drained = ws.drainQueuedMessages() as string[]
      if (drained.join() !== this.#waiting.join()) this.#breach(`drained ${drained.length} of ${this.#waiting.length}`)
      this.#taken.push(...drained)
      this.#waiting = []
    }
    if (act === 'accept') socket?.accept()
    if (act === 'lose' && socket?.open) socket.end({ code: 1006 })
    if (act === 'refuse' && socket?.open === false && socket.count('close') === 0) socket.refuse()
    if (act === 'answer' && (socket?.count('close') ?? 0) > 0) socket!.end({ code: 1000 })
  }

  #flushed(): void {
    if (this.all.ws.readyState === 1) this.#waiting = []
  }

  #look(when: string): void {
    const { ws, transport } = this.all
    const bytes = this.#waiting.reduce((sum, { length }) => sum + length, this.#discarded)
    // The queue is sent between the turn that opens and its open event.
    if (ws.bufferedAmount !== bytes) this.#breach(`bufferedAmount is ${ws.bufferedAmount}, not ${bytes}: ${when}`)
    if (transport.alive > 1) this.#breach(`${transport.alive} sockets at once: ${when}`)
  }

  #check(): void {
    const { ws, clock, transport, closes, events } = this.all
    if (ws.readyState !== 3 || clock.pending > 0) this.#breach(`readyState ${ws.readyState}, ${clock.pending} timers`)
    // An attempt abandoned before it dials has no socket; it has a close event if its start was observable.
    if (closes.length < transport.sockets.length || closes.length > this.#attempts) {
      this.#breach(`${closes.length} close events: ${transport.sockets.length} sockets, ${this.#attempts} attempts`)
    }
    // Between two open events lies exactly one close of the first.
    let open = false
    for (const each of events) {
      if (each === 'open' && open) this.#breach('opened twice without a close')
      if (each === 'open') open = true
      if (each.startsWith('close')) open = false
    }
    if (open) this.#breach('a socket that opened has no close event')
    const sent = transport.sockets.flatMap((socket) => socket.sent) as string[]
    for (const list of [sent, this.#taken]) {
      const numbers = list.map((message) => Number.parseInt(message, 10))
      if (numbers.some((number, index) => index > 0 && number <= numbers[index - 1]!))
        this.#breach(`order: ${numbers.join()}`)
    }
    const settled = [...sent, ...this.#taken, ...this.#waiting]
    if (new Set(settled).size !== settled.length) this.#breach('a message has two fates')
  }

  #breach(what: string): void {
    this.breaches.push(what)
  }
}

test('any schedule gives one close per socket, ordered messages, and the bufferedAmount of the model', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.constantFrom(0, 1, Infinity), async (steps, maxRetries) =>
      new Game(maxRetries).play(steps),
    ),
    { numRuns: 500 },
  )
}, 60_000)
