import type { Pipe } from './link.js'
import type { MovingRules } from './moving-rules.js'
import type { MovingStore } from './moving-store.js'
import type { RandomSteps } from './random-steps.js'

export type Up = { readonly hello: number } | { readonly data: number }
export type Down = { readonly rx: number; readonly seen: number } | { readonly ack: number } | 'close'

/** A link of the client to one node. What it has in flight arrives, also after the client has dropped it. */
export interface Link {
  readonly up: Pipe<Up>
  readonly down: Pipe<Down>
  isWelcomed: boolean
}

/** What is around a node. */
export interface Surroundings {
  readonly steps: RandomSteps
  readonly rules: MovingRules
  readonly store: MovingStore
  /** The app's own database. */
  readonly app: { readonly handled: number }
  /** The node of a session object. */
  nodeOf(owner: string): MovingNode | undefined
  welcome(link: Link, rx: number, seen: number): void
  acknowledge(link: Link, ack: number): void
  close(link: Link): void
  /** The effect of a message happened. */
  handled(number: number): void
  /** A node takes the session of one that is dead, or whose lease has ended: it may not know how far that one came. */
  excuse(): void
}

/** A session object on a node. */
interface SessionObject {
  readonly token: string
  generation: number
  /** Messages up to these numbers have arrived, are handled, and are stored as handled. */
  seen: number
  done: number
  stored: number
  readonly inbox: number[]
  running: boolean
  fenced: boolean
  /** Lapses of the node's lease that it has confirmed its ownership since. */
  lapses: number
  confirming: boolean
  link: Link | undefined
  readonly whenIdle: (() => void)[]
}

/** A server node. It holds at most one object of the session. */
export class MovingNode {
  readonly name: string
  readonly #world: Surroundings
  isDead = false
  /** It doesn't reach the store. */
  isCutOff = false
  /** It knows that it holds its lease. */
  #isLeased = true
  /** Its lease has ended in the store. */
  isExpired = false
  #lapses = 0
  #object: SessionObject | undefined
  /** The latest generation that another node has asked for. */
  #moved = 0
  /** The latest generation whose hello is being answered. */
  #answering = 0
  #tokens = 0

  constructor(world: Surroundings, name: string) {
    this.#world = world
    this.name = name
  }

  get isRunning(): boolean {
    return this.#object?.running === true
  }

  // Its lease.

  /** The way to the store is cut until `heal`. The lease ends meanwhile, or not. */
  cutOff(): void {
    const { steps, rules } = this.#world
    this.isCutOff = true
    steps.later(() => {
      if (!this.isCutOff) return
      if (rules.stopWithoutLease) this.#isLeased = false
      const expire = (): void => {
        if (!this.isCutOff) return
        // The margin before the end is longer than a handler takes.
        if (this.isRunning && rules.stopWithoutLease) return steps.later(expire)
        this.isExpired = true
        // Its clients find another node.
        if (this.#object?.link !== undefined) this.#world.close(this.#object.link)
      }
      steps.later(expire)
    })
  }

  heal(): void {
    this.isCutOff = false
    if (this.isExpired) this.#lapses++
    this.isExpired = false
    this.#isLeased = true
    const object = this.#object
    if (object !== undefined) this.#world.steps.later(() => this.#handle(object))
  }

  // Frames.

  data(link: Link, number: number): void {
    const object = this.#object
    if (this.isDead || object?.link !== link || number <= object.seen) return
    if (number > object.seen + 1) return this.#world.close(link)
    object.seen = number
    object.inbox.push(number)
    this.#world.steps.later(() => this.#handle(object))
  }

  hello(link: Link, generation: number): void {
    if (this.isDead) return
    const { store, rules } = this.#world
    const token = rules.ownerIsObject ? `${this.name}/${++this.#tokens}` : `${this.name}/`
    store.call(
      this,
      (meta) => {
        if (generation <= meta.generation) return undefined
        const { owner } = meta
        meta.generation = generation
        if (!rules.ownAfterHandover) meta.owner = token
        return { owner }
      },
      (claim) => {
        if (claim === undefined) return this.#world.close(link)
        this.#answering = Math.max(this.#answering, generation)
        this.#admit(link, generation, token, claim.owner)
      },
    )
  }

  #admit(link: Link, generation: number, token: string, owner: string): void {
    const { rules, steps, store } = this.#world
    const here = this.#object
    const isOurs = here !== undefined && !here.fenced && (!rules.reuseOnlyOwner || owner === here.token || owner === '')
    if (isOurs) {
      if (owner !== '' || !rules.ownAfterHandover) return this.#bind(link, generation, here)
      return store.call(this, take(generation, here.token, rules.takeByGeneration), (handled) =>
        handled < 0 ? this.#world.close(link) : this.#bind(link, generation, here),
      )
    }
    const previous = this.#world.nodeOf(owner)
    const go = (): void => this.#letGoHere(here, () => this.#take(link, generation, token, here))
    if (previous === undefined || previous === this || !rules.handover) return go()
    let released = false
    steps.later(() => previous.letGo(generation, owner, () => (released = true)))
    const wait = (): void =>
      steps.later(() => {
        if (this.isDead) return
        if (released) go()
        else if (previous.isDead || previous.isExpired) {
          this.#world.excuse()
          go()
        } else wait()
      })
    wait()
  }

  #take(link: Link, generation: number, token: string, here: SessionObject | undefined): void {
    const { rules, store, app } = this.#world
    const change = rules.ownAfterHandover
      ? take(generation, token, rules.takeByGeneration)
      : (meta: { generation: number; handled: number }) => (meta.generation === generation ? meta.handled : -1)
    store.call(this, change, (stored) => {
      const isOld = rules.rememberMoved && Math.max(this.#moved, this.#answering) > generation
      if (stored < 0 || this.#object !== here || isOld) return this.#world.close(link)
      const known = rules.processed ? Math.max(stored, app.handled) : stored
      const done = Math.max(known, rules.countHere ? (here?.done ?? 0) : 0)
      const object: SessionObject = {
        token,
        generation: 0,
        seen: done,
        done,
        stored: rules.acknowledgeStored ? known : done,
        inbox: [],
        running: false,
        fenced: false,
        lapses: this.#lapses,
        confirming: false,
        link: undefined,
        whenIdle: [],
      }
      this.#object = object
      if (done > stored) this.#commit(object)
      this.#bind(link, generation, object)
    })
  }

  #bind(link: Link, generation: number, object: SessionObject): void {
    const { rules } = this.#world
    const isOld = rules.rememberMoved && Math.max(this.#moved, this.#answering) > generation
    if (object.generation >= generation || object.fenced || isOld) return this.#world.close(link)
    object.generation = generation
    object.link = link
    this.#world.welcome(link, object.stored, object.seen)
  }

  // Handling.

  #handle(object: SessionObject): void {
    if (this.isDead || object.fenced || object.running || object.inbox.length === 0 || !this.#isLeased) return
    const { steps, rules } = this.#world
    if (rules.confirmAfterLapse && object.lapses !== this.#lapses) return this.#confirm(object)
    object.running = true
    const number = object.inbox.shift()!
    steps.later(() => {
      if (this.isDead) return
      object.running = false
      this.#world.handled(number)
      object.done = number
      this.#commit(object)
      for (const idle of object.whenIdle.splice(0)) steps.later(idle)
      this.#handle(object)
    })
  }

  /** Owning it is not enough: another node may have claimed it, and found the lease ended. */
  #confirm(object: SessionObject): void {
    if (object.confirming) return
    object.confirming = true
    const lapses = this.#lapses
    const { generation } = object
    this.#world.store.call(this, take(generation, object.token, true), (handled) => {
      object.confirming = false
      if (handled >= 0) object.lapses = lapses
      // A later link of this object is no other owner: then the store is asked again.
      else if (object.generation === generation) return this.#fence(object)
      this.#handle(object)
    })
  }

  #commit(object: SessionObject): void {
    const { store, rules } = this.#world
    const { done, generation, token } = object
    store.call(
      this,
      (meta) => {
        if (rules.commitByOwner ? meta.owner !== token : meta.generation !== generation) return false
        meta.handled = Math.max(meta.handled, done)
        return true
      },
      (isOwner) => {
        if (!isOwner) return this.#fence(object)
        object.stored = Math.max(object.stored, done)
        if (object.link !== undefined) this.#world.acknowledge(object.link, object.stored)
      },
    )
  }

  // Letting go.

  /** Another node has claimed the session, of which `owner` was an object here. */
  letGo(generation: number, owner: string, released: () => void): void {
    if (this.isDead) return
    const { rules } = this.#world
    this.#moved = Math.max(this.#moved, generation)
    const object = this.#object
    if (object === undefined) return this.#release(-1, owner, generation, released)
    // A later link is here.
    if (object.generation >= generation) return this.#release(-1, '', generation, released)
    this.#letGoHere(object, () => {
      const forget = (): void => {
        if (this.#object === object) this.#object = undefined
      }
      if (!rules.forgetLast) forget()
      this.#release(object.done, object.token, generation, () => {
        if (rules.forgetLast) forget()
        released()
      })
    })
  }

  #letGoHere(object: SessionObject | undefined, then: () => void): void {
    if (object === undefined) return then()
    this.#fence(object)
    if (object.running && this.#world.rules.waitForHandler) object.whenIdle.push(() => !this.isDead && then())
    else then()
  }

  #fence(object: SessionObject): void {
    object.fenced = true
    if (object.link !== undefined) this.#world.close(object.link)
    object.link = undefined
  }

  #release(done: number, token: string, generation: number, released: () => void): void {
    const { store, rules } = this.#world
    store.call(
      this,
      (meta) => {
        if (rules.releaseMaximum || meta.generation === generation) meta.handled = Math.max(meta.handled, done)
        if (meta.owner === token) meta.owner = ''
      },
      released,
    )
  }
}

/** Makes `token` the owner, and returns how far the session came; -1 if a later generation has claimed it. */
function take(generation: number, token: string, byGeneration: boolean) {
  return (meta: { generation: number; owner: string; handled: number }): number => {
    if (byGeneration && meta.generation !== generation) return -1
    meta.owner = token
    return meta.handled
  }
}
