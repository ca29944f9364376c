import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Answer, Command, Weight } from './run-process.js'

/** The costs of one contender in one round, by batch; batches have the same order for all. */
export interface Weighed {
  /** Bytes of V8's heap per connection. */
  readonly heap: number
  /** Timers per idle connection. */
  readonly timers: number
  /** Nanoseconds of processor time to create and open one, and to reopen it. */
  readonly creation: readonly number[]
  readonly reconnect: readonly number[]
}

const script = (name: string): string => fileURLToPath(new URL(`./${name}.ts`, import.meta.url))

/** A contender and its own server. */
class Side {
  readonly #server: ChildProcess
  readonly #client: ChildProcess

  private constructor(server: ChildProcess, client: ChildProcess) {
    this.#server = server
    this.#client = client
  }

  static async start(name: string): Promise<Side> {
    const server = fork(script('server-process'), [], { execArgv: ['--import', 'tsx'] })
    const [host] = (await once(server, 'message')) as [number]
    const execArgv = ['--expose-gc', '--import', 'tsx']
    const client = fork(script('run-process'), [name, `ws://127.0.0.1:${host}`], { execArgv })
    await once(client, 'message')
    return new Side(server, client)
  }

  async #ask(command: Command): Promise<Answer> {
    const ended = new AbortController()
    const answer = once(this.#client, 'message', { signal: ended.signal }) as Promise<[Answer]>
    const exit = (code: number | null): void => ended.abort(new Error(`a process ended with ${code}`))
    this.#client.once('exit', exit)
    this.#client.send(command)
    try {
      return (await answer)[0]
    } finally {
      this.#client.off('exit', exit)
    }
  }

  async cost(command: Exclude<Command, 'weigh'>): Promise<number> {
    return ((await this.#ask(command)) as { cost: number }).cost
  }

  async weigh(): Promise<Weight> {
    return ((await this.#ask('weigh')) as { weight: Weight }).weight
  }

  stop(): void {
    this.#client.disconnect()
    this.#server.disconnect()
  }
}

const warmUp = 50
const batch = { open: 100, reconnect: 20 }
/** How many are redialed. */
const again = 1_000

/**
 * Runs all contenders at once, each in its own process, alternating by batch, so that other load on the machine affects
 * the same batch of all.
 */
export async function round(
  names: readonly string[],
  count: number,
  progress: (batches: number, of: number) => void,
): Promise<ReadonlyMap<string, Weighed>> {
  const sides = await Promise.all(names.map((name) => Side.start(name)))
  const each = <T>(work: (side: Side) => Promise<T>): Promise<T[]> => Promise.all(sides.map(work))
  // The first ones pay for compiling and loading.
  await each((side) => side.cost({ open: warmUp }))
  const before = await each((side) => side.weigh())
  const batches = [Math.ceil(count / batch.open), Math.ceil(Math.min(count, again) / batch.reconnect)] as const
  let done = 0
  const inTurns = async (many: number, command: (at: number) => Exclude<Command, 'weigh'>): Promise<number[][]> => {
    const costs: number[][] = names.map(() => [])
    for (let at = 0; at < many; at++) {
      progress(done++, batches[0] + batches[1])
      for (let turn = 0; turn < sides.length; turn++) {
        const which = (turn + at) % sides.length
        costs[which]!.push(await sides[which]!.cost(command(at)))
      }
    }
    return costs
  }
  const creation = await inTurns(batches[0], (at) => ({ open: Math.min(batch.open, count - at * batch.open) }))
  const after = await each((side) => side.weigh())
  const reconnect = await inTurns(batches[1], () => ({ reconnect: batch.reconnect }))
  for (const side of sides) side.stop()
  const share = (at: number, what: keyof Weight): number => (after[at]![what] - before[at]![what]) / count
  return new Map(
    names.map((name, at) => [
      name,
      { heap: share(at, 'heap'), timers: share(at, 'timers'), creation: creation[at]!, reconnect: reconnect[at]! },
    ]),
  )
}
