import type { RedisScripting } from './redis-client.js'
import type { Script } from './redis-scripts.js'

interface Call {
  readonly number: number
  readonly at: number
  readonly script: Script
  readonly via: RedisScripting
  readonly options: { keys: string[]; arguments: (string | Buffer)[] }
  readonly resolve: (reply: unknown) => void
  readonly reject: (thrown: unknown) => void
}

/**
 * Runs scripts by their hashes, in the order of the calls. A Redis that restarted has forgotten them: then each is sent again with its source.
 * Later calls wait meanwhile, because they would overtake the ones that failed.
 */
export class ScriptRunner {
  #last = 0
  /** The oldest first. */
  readonly #inFlight = new Set<Call>()
  /** Calls that wait until none is in flight, if Redis has forgotten a script. */
  #held: Call[] | undefined

  run(script: Script, via: RedisScripting, keys: string[], given: (string | Buffer)[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const options = { keys, arguments: given }
      const call = { number: ++this.#last, at: performance.now(), script, via, options, resolve, reject }
      if (this.#held === undefined) this.#send(call)
      else this.#held.push(call)
    })
  }

  /** Rejects the calls that have waited for longer, because a connection that broke in silence never answers. Milliseconds. */
  expire(longest: number): void {
    const before = performance.now() - longest
    for (const call of this.#inFlight) {
      if (call.at > before) break
      call.reject(new Error(`Redis has not answered for ${longest} ms`))
      this.#settled(call)
    }
  }

  rejectAll(thrown: unknown): void {
    for (const call of [...this.#inFlight, ...(this.#held ?? [])]) call.reject(thrown)
    this.#inFlight.clear()
    this.#held = undefined
  }

  #send(call: Call, withSource = false): void {
    this.#inFlight.add(call)
    const { script, via, options } = call
    const reply = withSource ? via.eval(script.source, options) : via.evalSha(script.sha, options)
    reply.then(
      (given) => {
        call.resolve(given)
        this.#settled(call)
      },
      (thrown: unknown) => {
        const isForgotten = thrown instanceof Error && thrown.message.startsWith('NOSCRIPT')
        if (isForgotten && this.#inFlight.has(call)) (this.#held ??= []).push(call)
        else call.reject(thrown)
        this.#settled(call)
      },
    )
  }

  #settled(call: Call): void {
    this.#inFlight.delete(call)
    if (this.#held === undefined || this.#inFlight.size > 0) return
    const calls = this.#held.sort((one, other) => one.number - other.number)
    this.#held = undefined
    for (const each of calls) this.#send(each, true)
  }
}
