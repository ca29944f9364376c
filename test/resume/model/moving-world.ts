import { Pipe } from './link.js'
import { MovingNode, type Down, type Link, type Surroundings, type Up } from './moving-node.js'
import type { MovingRules } from './moving-rules.js'
import { MovingStore } from './moving-store.js'
import { RandomSteps } from './random-steps.js'

const messages = 12
const longest = 6_000

export interface Faults {
  readonly redials: number
  readonly kills: number
  /** How often a node is cut off from the store. */
  readonly cuts: number
}

/** A client with one session, three nodes, and a store: what went wrong, by kind. */
export class MovingWorld implements Surroundings {
  readonly steps: RandomSteps
  readonly rules: MovingRules
  readonly store: MovingStore
  readonly app = { handled: 0 }
  readonly #nodes: MovingNode[] = []
  /** Handled messages, in order. */
  readonly #effects: number[] = []
  /** Handled by a node that died, or lost its lease, before the store knew. */
  readonly #excused = new Set<number>()
  #excusedTwice = 0
  readonly #wrong: string[] = []
  #link: Link | undefined
  #generation = 0
  #sent = 0
  #acknowledged = 0

  constructor(seed: number, rules: MovingRules) {
    this.steps = new RandomSteps(seed)
    this.rules = rules
    this.store = new MovingStore(this.steps, rules)
    for (let count = 0; count < 3; count++) this.#boot()
  }

  /** What went wrong, and how many messages were handled twice because their node died or lost its lease. */
  run({ redials, kills, cuts }: Faults): { wrong: readonly string[]; excused: number } {
    let [redialsLeft, killsLeft, cutsLeft] = [redials, kills, cuts]
    this.#dial()
    for (let count = 0; count < longest && this.#wrong.length === 0; count++) {
      const chance = this.steps.next()
      if (chance < 0.03 && redialsLeft-- > 0) this.#dial()
      else if (chance < 0.08) this.#send()
      else if (chance < 0.084 && killsLeft-- > 0) this.#kill()
      else if (chance < 0.09 && cutsLeft-- > 0) this.#cutOff()
      else if (!this.steps.isIdle) this.steps.run()
      else if (this.#sent < messages) this.#send()
      else if (this.#acknowledged < messages) this.#dial()
      else break
    }
    if (this.#wrong.length === 0) this.#checkEnd()
    return { wrong: this.#wrong, excused: this.#excusedTwice }
  }

  nodeOf(owner: string): MovingNode | undefined {
    return this.#nodes.find(({ name }) => name === owner.split('/')[0])
  }

  // What nodes do.

  welcome(link: Link, rx: number, seen: number): void {
    this.#mayAcknowledge(rx)
    link.down.send({ rx, seen })
  }

  acknowledge(link: Link, ack: number): void {
    this.#mayAcknowledge(ack)
    link.down.send({ ack })
  }

  close(link: Link): void {
    link.down.send('close')
  }

  handled(number: number): void {
    const { app, rules } = this
    // The transaction of the app finds that it has this one.
    if (rules.processed && number <= app.handled) return
    if (this.#effects.includes(number)) {
      if (this.#excused.delete(number)) this.#excusedTwice++
      else this.#wrong.push(`${number} was handled twice`)
    } else if (number !== Math.max(0, ...this.#effects) + 1) this.#wrong.push(`${number} was handled out of order`)
    this.#effects.push(number)
    if (rules.processed) app.handled = number
  }

  excuse(): void {
    for (const number of this.#effects) if (number > this.store.meta.handled) this.#excused.add(number)
  }

  #mayAcknowledge(number: number): void {
    const known = Math.max(this.store.meta.handled, this.rules.processed ? this.app.handled : 0)
    if (number > known) this.#wrong.push(`${number} was acknowledged, and the store has ${known}`)
  }

  // The client.

  #dial(): void {
    const node = this.steps.pick(this.#nodes.filter(({ isDead }) => !isDead))
    const link: Link = {
      up: new Pipe<Up>(this.steps, (frame) =>
        'hello' in frame ? node.hello(link, frame.hello) : node.data(link, frame.data),
      ),
      down: new Pipe<Down>(this.steps, (frame) => this.#receive(link, frame)),
      isWelcomed: false,
    }
    this.#link = link
    link.up.send({ hello: ++this.#generation })
    this.#watch(link, node)
  }

  /** The client notices that its node is dead. */
  #watch(link: Link, node: MovingNode): void {
    this.steps.later(() => {
      if (this.#link !== link) return
      if (node.isDead) this.#dial()
      else if (!this.steps.isIdle) this.#watch(link, node)
    })
  }

  #send(): void {
    if (this.#sent === messages) return
    this.#sent++
    if (this.#link?.isWelcomed === true) this.#link.up.send({ data: this.#sent })
  }

  #receive(link: Link, frame: Down): void {
    if (this.#link !== link) return
    if (frame === 'close') return this.#dial()
    if ('ack' in frame) {
      this.#acknowledged = Math.max(this.#acknowledged, frame.ack)
      return
    }
    if (frame.rx < this.#acknowledged || frame.seen > this.#sent) this.#wrong.push('the session was rewound')
    this.#acknowledged = frame.rx
    link.isWelcomed = true
    for (let number = frame.seen + 1; number <= this.#sent; number++) link.up.send({ data: number })
  }

  // Faults.

  #boot(): void {
    this.#nodes.push(new MovingNode(this, `n${this.#nodes.length}`))
  }

  #kill(): void {
    this.steps.pick(this.#nodes.filter(({ isDead }) => !isDead)).isDead = true
    this.#boot()
  }

  #cutOff(): void {
    const node = this.steps.pick(this.#nodes.filter(({ isDead }) => !isDead))
    if (node.isCutOff) return
    node.cutOff()
    let left = 5 + Math.floor(this.steps.next() * 60)
    const heal = (): void => this.steps.later(() => (--left > 0 ? heal() : node.heal()))
    heal()
  }

  #checkEnd(): void {
    for (let number = 1; number <= messages; number++)
      if (!this.#effects.includes(number)) this.#wrong.push(`${number} was not handled`)
    if (this.#acknowledged < messages) this.#wrong.push('not everything was acknowledged')
  }
}
