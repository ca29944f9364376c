import { Pipe } from './link.js'
import { AtomicLog, StreamLog, type Log, type Row } from './outgoing-logs.js'
import { OutgoingNode, type OutgoingLink, type OutgoingSurroundings } from './outgoing-node.js'
import type { OutgoingRules } from './outgoing-rules.js'
import { RandomSteps } from './random-steps.js'

/** Appenders, and messages of each: an appender sends one when `send` of the last has resolved. */
const [appenders, messages] = [3, 5]
const longest = 6_000

export interface OutgoingFaults {
  readonly redials: number
  readonly kills: number
  /** Answers of the store that get lost. */
  readonly lostAnswers: number
  /** Frames to the client that a faulty hop drops or repeats. */
  readonly badFrames: number
}

/** A client that receives, three nodes, and appenders that send to it through any of them. */
export class OutgoingWorld implements OutgoingSurroundings {
  readonly steps: RandomSteps
  readonly rules: OutgoingRules
  readonly log: Log
  readonly #nodes: OutgoingNode[]
  readonly #received: string[] = []
  readonly #resolved = new Set<string>()
  readonly #wrong: string[] = []
  #link: OutgoingLink | undefined
  #owner: OutgoingNode | undefined
  #generation = 0
  #claimed = 0
  #rx = 0
  #lostAnswers = 0
  #badFrames = 0

  constructor(seed: number, rules: OutgoingRules, store: 'atomic' | 'stream') {
    this.steps = new RandomSteps(seed)
    this.rules = rules
    this.log = store === 'atomic' ? new AtomicLog(this.steps, rules) : new StreamLog(this.steps, rules)
    this.#nodes = [1, 2, 3].map(() => new OutgoingNode(this))
  }

  run(faults: OutgoingFaults): readonly string[] {
    let [redials, kills] = [faults.redials, faults.kills]
    this.#lostAnswers = faults.lostAnswers
    this.#badFrames = faults.badFrames
    this.#dial()
    for (let each = 0; each < appenders; each++) this.#append(each, 0)
    for (let count = 0; count < longest && this.#wrong.length === 0; count++) {
      const chance = this.steps.next()
      if (chance < 0.03 && redials-- > 0) this.#dial()
      else if (chance < 0.035 && kills-- > 0) this.#kill()
      else if (this.steps.isIdle) break
      else this.steps.run()
    }
    if (this.#wrong.length === 0) this.#checkEnd()
    return this.#wrong
  }

  claim({ generation }: OutgoingLink): boolean {
    if (generation <= this.#claimed && this.rules.refuseEarlier) return false
    this.#claimed = generation
    return true
  }

  own({ generation }: OutgoingLink, node: OutgoingNode): void {
    if (generation === this.#claimed) this.#owner = node
  }

  // Appenders.

  #append(appender: number, index: number): void {
    if (index === messages) return
    const data = `${appender}.${index}`
    const node = this.steps.pick(this.#live())
    let isOver = false
    const next = (): void => {
      if (isOver) return
      isOver = true
      this.#resolved.add(data)
      this.steps.later(() => this.#append(appender, index + 1))
    }
    // It isn't known what became of it: the same message again, by another node perhaps.
    const retry = (): void => {
      if (isOver) return
      isOver = true
      this.#append(appender, index)
    }
    const watch = (): void => this.steps.later(() => (node.isDead ? retry() : isOver || watch()))
    watch()
    if (!this.rules.resolveWhenStored) {
      this.steps.later(next)
      // It has left the app, and not reached the store.
      if (this.steps.next() < 0.1) return
    }
    this.log.append(data, (number) => {
      if (node.isDead) return
      node.appended(number, data)
      const owner = this.#owner
      if (this.rules.tellOwner && owner !== node) this.steps.later(() => owner?.appended(number, data))
      if (this.steps.next() < 0.1 && this.#lostAnswers-- > 0) retry()
      else next()
    })
  }

  // The client.

  #dial(): void {
    const node = this.steps.pick(this.#live())
    const link: OutgoingLink = {
      generation: ++this.#generation,
      up: new Pipe(this.steps, (frame) =>
        'hello' in frame ? node.hello(link, frame.hello) : node.acknowledge(frame.ack),
      ),
      down: new Pipe<Row>(this.steps, (row) => this.#arrives(link, row)),
    }
    this.#link = link
    link.up.send({ hello: this.#rx })
    const watch = (): void =>
      this.steps.later(() => {
        if (this.#link !== link) return
        if (node.isDead) this.#dial()
        else if (!this.steps.isIdle) watch()
      })
    watch()
  }

  #arrives(link: OutgoingLink, row: Row): void {
    const chance = this.steps.next()
    if (chance < 0.04 && this.#badFrames-- > 0) {
      // Dropped; the next one then shows a gap, or the link dies.
      if (link.down.inFlight === 0 && link === this.#link) this.#dial()
      return
    }
    this.#receive(link, row)
    if (chance > 0.96 && this.#badFrames-- > 0) this.#receive(link, row)
  }

  #receive(link: OutgoingLink, { number, data }: Row): void {
    if (link !== this.#link) return
    if (number <= this.#rx && this.rules.dropReceived) return
    if (number > this.#rx + 1 && this.rules.closeAtGap) return this.#dial()
    this.#rx = Math.max(this.#rx, number)
    if (this.#received.includes(data)) this.#wrong.push(`${data} was received twice`)
    const [appender] = data.split('.')
    const before = this.#received.findLast((each) => each.startsWith(`${appender}.`))
    if (before !== undefined && before > data) this.#wrong.push(`${data} was received after ${before}`)
    this.#received.push(data)
    link.up.send({ ack: this.#rx })
  }

  // Nodes.

  #live(): OutgoingNode[] {
    return this.#nodes.filter(({ isDead }) => !isDead)
  }

  #kill(): void {
    this.steps.pick(this.#live()).isDead = true
    this.#nodes.push(new OutgoingNode(this))
  }

  #checkEnd(): void {
    if (!this.steps.isIdle) this.#wrong.push('it does not end')
    const expected = appenders * messages
    if (this.#resolved.size < expected) this.#wrong.push('not every message was sent')
    for (const data of this.#resolved) if (!this.#received.includes(data)) this.#wrong.push(`${data} was lost`)
  }
}
