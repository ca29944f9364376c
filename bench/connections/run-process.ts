// One contender in its own process: opens, holds, measures, drops and redials connections on command.
import { contenders, type Contender } from './contenders.js'

export type Command = { readonly open: number } | { readonly reconnect: number } | 'weigh'

export interface Weight {
  /** Bytes of V8's heap. */
  readonly heap: number
  readonly timers: number
}

/** For `open` and `reconnect`: nanoseconds of processor time each. */
export type Answer = { readonly cost: number } | { readonly weight: Weight }

declare const gc: () => void

async function weigh(): Promise<Weight> {
  for (let time = 0; time < 4; time++) {
    gc()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const timers = process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length
  return { heap: process.memoryUsage().heapUsed, timers }
}

async function cost(count: number, work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1_000) / count
}

class Holder {
  readonly #contender: Contender
  readonly #url: string
  readonly #held: object[] = []
  #dialedAnew = 0

  constructor(contender: Contender, url: string) {
    this.#contender = contender
    this.#url = url
  }

  async do(command: Command): Promise<Answer> {
    if (command === 'weigh') return { weight: await weigh() }
    if ('open' in command) return { cost: await cost(command.open, () => this.#more(command.open)) }
    return { cost: await cost(command.reconnect, () => this.#redial(command.reconnect)) }
  }

  async #more(count: number): Promise<void> {
    const opening = Array.from({ length: count }, () => this.#contender.open(this.#url))
    for (const each of opening) this.#held.push(await each)
  }

  async #redial(count: number): Promise<void> {
    for (let done = 0; done < count; done++) {
      const at = this.#dialedAnew++ % this.#held.length
      this.#held[at] = await this.#contender.again(this.#held[at]!)
    }
  }
}

if (process.send !== undefined) {
  // The parent process has exited or is done.
  process.on('disconnect', () => process.exit())
  const [name, url] = process.argv.slice(2) as [string, string]
  const holder = new Holder(contenders[name]!(), url)
  process.on('message', (command: Command) => void holder.do(command).then((answer) => process.send!(answer)))
  process.send('ready')
}
