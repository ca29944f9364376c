import type { ConnectionEvent, ReadyStateTag } from '../../../../machines/connection.types.js'
import type { ConnectionSnapshot, Engine, MakeEngine } from '../../../../src/core/engine/engine.types.js'
import type { Place } from '../../../../src/core/engine/place.js'
import { StepClock } from './clock.js'
import { maskOf } from './masks.js'
import { StepHost, usualAnswers, type Answers } from './host.js'

/** The operation on an engine in one step. */
export type Act =
  | { readonly do: 'send'; readonly event: ConnectionEvent }
  /** The next timer runs. */
  | { readonly do: 'time' }
  | { readonly do: 'stop' }

/** One step: the host's answers, the operation, and the operations nested in it. */
export interface Step {
  readonly answers: Answers
  readonly act: Act
  /** Runs in the middle of it: one after the other, each inside an effect or inside `next`. */
  readonly inside: readonly Act[]
}

const isClear = (entry: string | undefined): boolean => entry?.startsWith('clear ') === true

/** Consecutive timer removals, whose order has no effect. */
function inOrder(log: readonly string[]): string[] {
  const runs: string[][] = []
  for (const entry of log) {
    const last = runs.at(-1)
    if (isClear(entry) && isClear(last?.[0])) last!.push(entry)
    else runs.push([entry])
  }
  return runs.flatMap((run) => run.toSorted())
}

const tags: readonly ReadyStateTag[] = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED']

/** An engine with its own environment, and its observable behavior. */
export class Side {
  readonly log: string[] = []
  readonly clock = new StepClock(this.log)
  readonly host = new StepHost(usualAnswers, this.log)
  readonly engine: Engine
  #inside: Act[] = []
  #reports = ''

  constructor(make: MakeEngine) {
    this.engine = make(this.host, this.clock)
    this.host.inside = () => this.#doInside()
    this.engine.start({
      next: (snapshot) => this.#next(snapshot),
      // XState puts the guard and the state first; the last line is the original message.
      error: (thrown) => void this.log.push(`error ${(thrown as Error).message.split('\n').at(-1)}`),
    })
  }

  get ended(): boolean {
    return this.log.some((each) => each.startsWith('error') || each === 'stop')
  }

  /** The results of a step, as text. */
  step({ answers, act, inside }: Step): string {
    this.log.length = 0
    this.host.answers = answers
    this.#inside = [...inside]
    this.#do(act)
    return `${this.#where(this.engine.snapshot)} | ${inOrder(this.log).join(', ')} | ${this.clock.pending}`
  }

  #do(act: Act): void {
    if (act.do === 'send') this.engine.send(act.event)
    else if (act.do === 'time') this.clock.fire()
    else {
      this.log.push('stop')
      this.engine.stop()
    }
  }

  #doInside(): void {
    const act = this.#inside.shift()
    if (act !== undefined) this.#do(act)
  }

  /** XState also reports events without effect. */
  #next(snapshot: ConnectionSnapshot): void {
    const reports = this.#where(snapshot)
    if (reports === this.#reports) return
    this.#reports = reports
    this.log.push(`next ${reports}`)
    this.#doInside()
  }

  #where(snapshot: ConnectionSnapshot): string {
    const { host, ...context } = snapshot.context
    const its = host === this.host ? '' : 'another host'
    const tag = tags.filter((each) => snapshot.hasTag(each)).join()
    // A state that is active by mistake may be missing from the value.
    const active =
      snapshot instanceof Object && 'place' in snapshot ? (snapshot.place as Place).active : maskOf(snapshot.value)
    return `${JSON.stringify(snapshot.value)} ${active} ${snapshot.state} ${tag} ${JSON.stringify(context)}${its}`
  }
}
