// Clients: `driver-process.ts <settings as JSON>`. Each attempt of each client dials a random node.
import { setTimeout as sleep } from 'node:timers/promises'
import { fixedBackoff } from '../../../src/core/policies/backoff.js'
import { createConnection } from '../../../src/create-connection.js'
import { resumable } from '../../../src/resume/index.js'
import { wsTransport } from '../../../src/transports/ws.js'
import { seeded } from '../../storm/random.js'
import type { DriverReport, DriverSettings } from './settings.js'

const settings = JSON.parse(process.argv[2]!) as DriverSettings
const report = (message: DriverReport): boolean => process.send!(message)
/** Sent and not acknowledged, or waiting: more than the window, so that the queue takes part. */
const most = 1_500
/** How far sending may be ahead of receiving, so that faults meet both until the end. */
const lead = 4_000
/** The longest wait between two attempts. Milliseconds. */
const longestWait = 500

/** One session, or one after another if it is lost. It sends 1, 2, 3, …, and receives the same from the server. */
class Driver {
  readonly #session = resumable<string>({
    auth: () => `c${this.#index}`,
    heartbeat: { interval: 500, timeout: 500 },
    ack: { delay: 50 },
  })
  readonly #index: number
  readonly #connection
  readonly received = new Int32Array(settings.messages * 2)
  receivedCount = 0
  #sent = 0
  /** Messages that a lost session has certainly not handled, before those that follow. */
  #again: number[] = []
  #ended = false

  constructor(index: number) {
    this.#index = index
    const random = seeded(settings.seed * 1_000 + index)
    this.#session.on('continuity', (event) => {
      if (event.kind === 'begun') report({ type: 'begun', session: index, id: event.id, received: this.receivedCount })
      if (event.kind !== 'lost') return
      const [undelivered, uncertain] = [event.undelivered.map(Number), event.uncertain.map(Number)]
      report({ type: 'lost', session: index, reason: event.reason, delivered: event.delivered, undelivered, uncertain })
      if (settings.resend) this.#again.push(...undelivered)
    })
    this.#connection = createConnection(
      () => `ws://127.0.0.1:${settings.ports[Math.floor(random() * settings.ports.length)]}`,
      {
        features: [this.#session],
        transport: wsTransport(),
        backoff: fixedBackoff(50),
        connectTimeout: 6_000,
        queue: { messages: 5_000 },
      },
    )
    this.#connection.on('message', (message) => {
      this.received[this.receivedCount++] = Number(message)
    })
    // After 1013 the client waits longer and longer, which would make a run long.
    this.#connection.on('backoff', ({ delay }) => {
      if (delay > longestWait) setTimeout(() => this.#dialAgain(), longestWait)
    })
    this.#connection.on('state', (status) => {
      if (status.state !== 'ended') return
      this.#ended = true
      if (!isOver) report({ type: 'ended', session: index, why: JSON.stringify(status.why) })
    })
  }

  get unacknowledged(): number {
    return this.#session.unacknowledged.messages + this.#connection.counters.queued
  }

  /** Of all messages, those that the server has handled, or that are reported lost. */
  get acknowledged(): number {
    return this.#sent - this.unacknowledged - this.#again.length
  }

  get counters() {
    return this.#session.counters
  }

  /** Sends as many as there is room for. */
  send(): void {
    if (this.#ended) return
    const ahead = this.receivedCount + lead - this.#sent
    for (let room = Math.min(most - this.unacknowledged, ahead); room > 0; room--) {
      const value = this.#again.shift() ?? (this.#sent < settings.messages ? ++this.#sent : undefined)
      if (value === undefined) return
      this.#connection.send(String(value))
    }
  }

  #dialAgain(): void {
    if (this.#connection.state === 'backoff') this.#connection.reconnect()
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }
}

let isOver = false
const drivers = Array.from({ length: settings.sessions }, (_, at) => new Driver(settings.first + at))

process.on('message', () => (isOver = true))
process.on('disconnect', () => process.exit())

for (let turn = 0; !isOver; turn++) {
  for (const driver of drivers) driver.send()
  if (turn % 20 === 0) {
    report({
      type: 'progress',
      acknowledged: drivers.map(({ acknowledged }) => acknowledged),
      received: drivers.map(({ receivedCount }) => receivedCount),
    })
  }
  await sleep(10)
}
const counters: Record<string, number> = {}
for (const driver of drivers) {
  for (const [name, value] of Object.entries(driver.counters)) counters[name] = (counters[name] ?? 0) + Number(value)
}
const result: DriverReport = {
  type: 'result',
  received: drivers.map(({ received, receivedCount }) => received.slice(0, receivedCount)),
  counters,
}
await Promise.all(drivers.map((driver) => driver.close()))
process.send!(result, undefined, undefined, () => process.disconnect())
