import type { Case } from './cases.js'
import type { Bare, Client, Payload } from './client.js'

/** The backlog at which a client waits; equal for all, so that backlog handling is not measured. */
const pile = 1 << 20

/** One contender with its open socket. */
export class Trial {
  readonly contender: Bare
  #client!: Client
  #received = 0
  #awaited = Infinity
  #last: unknown
  #done = (): void => {}

  private constructor(contender: Bare) {
    this.contender = contender
  }

  static async open(contender: Bare, url: string, deflate: boolean): Promise<Trial> {
    const trial = new Trial(contender)
    trial.#client = await contender.open(url, deflate, (data) => trial.#hear(data))
    return trial
  }

  #hear(data: unknown): void {
    this.#last = data
    if (++this.#received === this.#awaited) this.#done()
  }

  #await(messages: number): Promise<void> {
    this.#awaited = this.#received + messages
    return new Promise((resolve) => (this.#done = resolve))
  }

  /** Nanoseconds of this process's processor time per message, including system time, excluding the peer. */
  async run(order: Case): Promise<number> {
    const before = process.cpuUsage()
    await (order.direction === 'receive' ? this.#receive(order) : this.#send(order))
    const { user, system } = process.cpuUsage(before)
    return ((user + system) * 1_000) / order.count
  }

  async #receive(order: Case): Promise<void> {
    const done = this.#await(order.count)
    this.#client.send(JSON.stringify(order))
    await done
    const { length, byteLength } = this.#last as { length?: number; byteLength?: number }
    if ((byteLength ?? length) !== order.size) throw new Error(`${this.contender.name} received something else`)
  }

  async #send(order: Case): Promise<void> {
    await this.#sendAll(order)
    const done = this.#await(1)
    this.#client.send('{"tell":true}')
    await done
    const { count } = order
    if (this.#last !== `${count}`) throw new Error(`${this.contender.name}: ${String(this.#last)} of ${count} arrived`)
  }

  /**
   * Each burst gets its own turn of the event loop. A promise for each would cost all contenders the same and hide
   * differences.
   */
  #sendAll({ size, kind, burst, count }: Case): Promise<void> {
    const message: Payload = kind === 'text' ? 'x'.repeat(size) : new Uint8Array(size).fill(0x78)
    let sent = 0
    let unasked = 0
    return new Promise((resolve, reject) => {
      const goOn = (): void => {
        // Checking has a cost that is not measured.
        if (unasked >= pile / 4) {
          if (this.#client.bufferedAmount > pile) return void setTimeout(goOn, 1)
          unasked = 0
        }
        try {
          for (let each = 0; each < burst; each++) this.#client.send(message)
        } catch (error) {
          return reject(error)
        }
        sent += burst
        unasked += burst * size
        if (sent < count) setImmediate(goOn)
        else setImmediate(resolve)
      }
      goOn()
    })
  }

  close(): void {
    this.#client.close()
  }
}
