import type { Pipe } from './link.js'
import type { Log, Row } from './outgoing-logs.js'
import type { OutgoingRules } from './outgoing-rules.js'
import type { RandomSteps } from './random-steps.js'

export interface OutgoingLink {
  readonly generation: number
  readonly up: Pipe<{ readonly hello: number } | { readonly ack: number }>
  readonly down: Pipe<Row>
}

/** What is around a node. */
export interface OutgoingSurroundings {
  readonly steps: RandomSteps
  readonly rules: OutgoingRules
  readonly log: Log
  /** Fences earlier links; false if a later one has come. */
  claim(link: OutgoingLink): boolean
  /** The store names the node of this link as the owner, unless a later link has been claimed. */
  own(link: OutgoingLink, node: OutgoingNode): void
}

const portion = 3

/** A node that sends messages from the store to the client's link. It keeps none. */
export class OutgoingNode {
  readonly #world: OutgoingSurroundings
  isDead = false
  #link: OutgoingLink | undefined
  #forwarded = 0
  #isReading = false
  #again = false

  constructor(world: OutgoingSurroundings) {
    this.#world = world
  }

  hello(link: OutgoingLink, rx: number): void {
    if (this.isDead) return
    const { rules, steps } = this.#world
    const own = (): void => this.#world.own(link, this)
    const attach = (): void => {
      if (this.isDead) return
      this.#link = link
      this.#forwarded = rules.resumeFromHello ? rx : Math.max(rx, this.#forwarded)
      this.#world.log.trim(rx)
      this.#read()
    }
    steps.later(() => {
      if (!this.#world.claim(link)) return
      if (rules.ownBeforeReading) own()
      else steps.later(() => steps.later(() => steps.later(own)))
      attach()
    })
  }

  acknowledge(upTo: number): void {
    if (!this.isDead) this.#world.log.trim(upTo)
  }

  /** A message was appended, here or on another node. */
  appended(number: number, data: string): void {
    if (this.isDead || this.#link === undefined || number <= this.#forwarded) return
    if (number === this.#forwarded + 1 && !this.#isReading) this.#forward(this.#link, number, data)
    else this.#read()
  }

  #read(): void {
    if (this.#isReading) {
      this.#again = true
      return
    }
    const link = this.#link
    if (link === undefined) return
    const { log, rules } = this.#world
    this.#isReading = true
    this.#again = false
    log.range(this.#forwarded, portion, (rows) => {
      this.#isReading = false
      if (this.isDead) return
      if (link !== this.#link) return this.#read()
      for (const { number, data } of rows) if (number > this.#forwarded) this.#forward(link, number, data)
      if (rows.length === portion || (this.#again && rules.readAgain)) this.#read()
    })
  }

  #forward(link: OutgoingLink, number: number, data: string): void {
    this.#forwarded = number
    link.down.send({ number, data })
    if (!this.#world.rules.trimAcknowledged) this.#world.log.trim(number)
  }
}
