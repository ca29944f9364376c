import { makeError } from '../core/errors.js'
import { closeCodes, encodeJson, type Hello, type Refusal } from '../resume/protocol.js'
import type { SocketLink } from './link.js'
import type { ServerNode } from './node.js'
import type { Registry } from './registry.js'
import type { Identity } from './server.types.js'
import { LiveSession } from './session.js'
import type { Claim } from './stores/store.js'
import type { TopicHub } from './topics.js'

type Claimed = Extract<Claim, { status: 'new' | 'resumed' }>

/** The session is on its way from one object to another. */
const busy = 'busy, retry-after=1'

/** Bytes of the largest header of a message. */
const header = 16

/** How long generations of sessions that moved away are remembered, to refuse late hellos. Milliseconds. */
const movedMemory = 60_000

/**
 * Answers hellos: who is it, may it have this session, and who had it? A claim fences all earlier links; the session becomes this node's
 * only once its last owner has let go.
 */
export class Admission {
  readonly #node: ServerNode
  readonly #sessions: Registry
  readonly #topics: TopicHub
  readonly #gone = (session: LiveSession): void => this.#sessions.remove(session)
  readonly #admitted: (session: LiveSession, resumed: boolean) => void
  /** The latest generation of each session whose hello is being answered. */
  readonly #answering = new Map<string, number>()
  /** Sessions that another node has claimed, with that claim's generation. */
  readonly #moved = new Map<string, number>()

  /** `admitted`: a session object was made. */
  constructor(
    node: ServerNode,
    sessions: Registry,
    topics: TopicHub,
    admitted: (session: LiveSession, resumed: boolean) => void,
  ) {
    this.#node = node
    this.#sessions = sessions
    this.#topics = topics
    this.#admitted = admitted
  }

  async greet(link: SocketLink, hello: Hello): Promise<void> {
    const identity = await this.#authenticate(link, hello)
    if (identity === undefined || link.over) return
    const { principal } = identity
    if (!this.#node.limits.hello(principal)) return this.#refuse(link, 1013, 'too many hellos, retry-after=60')
    try {
      const claim = await this.#node.store.claim({
        id: hello.sid,
        gen: hello.gen,
        rx: hello.rx,
        epoch: hello.ep ?? '',
        principal,
      })
      if (isClaimed(claim)) await this.#admit(link, hello, identity, claim)
      else this.#deny(link, claim)
    } catch (thrown) {
      this.#node.storeFailed('claim', thrown)
      this.#refuse(link, 1013, 'the store failed')
    }
  }

  /** Another node has claimed a session that this one has, or had. */
  async letGo({ id, gen, owner, to }: { id: string; gen: number; owner: string; to: string }): Promise<void> {
    this.#remember(id, gen)
    const session = this.#sessions.get(id)
    try {
      if (session === undefined || session.gen >= gen) {
        // A later link is here, or nothing is: then whatever `owner` was is gone.
        await this.#node.store.release(id, -1, session === undefined ? owner : '', to)
        return
      }
      await session.letGo()
      await this.#node.store.release(id, session.done, session.token, to)
      // Last: a hello that comes before the release is stored must wait for it, too.
      this.#sessions.remove(session)
    } catch (thrown) {
      this.#node.storeFailed('release', thrown)
    }
  }

  async #authenticate(link: SocketLink, { auth, sid: id }: Hello): Promise<Identity<unknown> | undefined> {
    const context = {
      auth,
      id,
      request: link.request,
      get signal() {
        return link.signal
      },
    }
    try {
      const identity = await this.#node.settings.authenticate(context)
      if (identity === undefined) {
        this.#refuse(link, closeCodes.unauthorized, 'unauthorized')
        return undefined
      }
      if (typeof (identity as Partial<Identity<unknown>>).principal === 'string' && identity.principal !== '')
        return identity
      throw new TypeError('authenticate must return { principal } with a string that is not empty, or undefined')
    } catch (cause) {
      this.#node.report(makeError('ERR_LISTENER', 'failed', ['authenticate'], { cause }))
      this.#refuse(link, 1013, 'try again later')
      return undefined
    }
  }

  #deny(link: SocketLink, { status, rx, exact, tried }: Exclude<Claim, Claimed>): void {
    link.send(encodeJson('r', { reason: status, rx, exact, tried } satisfies Refusal))
    this.#node.metric({ type: 'lost', reason: status })
    if (status === 'superseded') this.#refuse(link, closeCodes.superseded, 'superseded')
    else if (status === 'forbidden') this.#refuse(link, closeCodes.forbidden, 'forbidden')
    // The client says hello again on this link, for a new session.
    else link.awaitHello()
  }

  async #admit(link: SocketLink, hello: Hello, identity: Identity<unknown>, claim: Claimed): Promise<void> {
    const { sid: id, gen } = hello
    if (link.over) return
    if (gen > (this.#answering.get(id) ?? 0)) this.#answering.set(id, gen)
    try {
      await this.#bind(link, hello, identity, claim)
    } finally {
      if (this.#answering.get(id) === gen) this.#answering.delete(id)
    }
  }

  async #bind(link: SocketLink, hello: Hello, identity: Identity<unknown>, claim: Claimed): Promise<void> {
    const { sid: id, gen, rx } = hello
    const here = this.#sessions.get(id)
    const isOurs = here !== undefined && !here.fenced && (claim.owner === here.token || claim.owner === '')
    const session = isOurs ? await this.#again(here, gen, claim) : await this.#take(here, hello, identity, claim)
    if (session === 'superseded') return this.#supersede(link)
    if (session === 'refused') return this.#refuse(link, 1013, busy)
    // Another hello may have won while this one waited.
    if (session.gen >= gen || this.#isOld(id, gen)) return this.#supersede(link)
    // It is leaving for another reason, which doesn't end the client's connection.
    if (session.fenced) return this.#refuse(link, 1013, busy)
    session.gen = gen
    if (link.over) return
    session.data = identity.data
    session.detach(closeCodes.superseded, 'superseded')
    const welcome = encodeJson('w', {
      ep: claim.epoch,
      rx: session.stored,
      seen: session.inbox.seen,
      resumed: claim.status === 'resumed',
      ttl: this.#node.settings.ttl,
      max: this.#largest,
      tail: claim.tail,
    })
    this.#node.metric({ type: claim.status === 'new' ? 'begun' : 'resumed' })
    link.topics = hello.x?.includes('topics') === true
    session.attach(link, gen, rx, claim.tail, welcome)
    if (link.topics) this.#topics.attach(session, link, claim.topics, hello.topics)
  }

  /** The session is here, and no other node has had it since. */
  async #again(session: LiveSession, gen: number, { owner }: Claimed): Promise<LiveSession | 'superseded'> {
    if (owner === '' && (await this.#node.store.take(session.id, gen, session.token)) < 0) return 'superseded'
    return session
  }

  /** Makes this node the owner, once the last one has let go. */
  async #take(
    here: LiveSession | undefined,
    { sid: id, gen, tx: sent = Number.MAX_SAFE_INTEGER }: Hello,
    { principal, data }: Identity<unknown>,
    { status, owner, tried }: Claimed,
  ): Promise<LiveSession | 'superseded' | 'refused'> {
    const node = this.#node
    if (here === undefined && !node.limits.mayBegin(principal)) return 'refused'
    let isDead = false
    if (owner !== '' && !owner.startsWith(`${node.name}/`)) {
      const { handover: timeout } = node.settings
      const started = node.clock.now()
      const result = await node.store.handover({ id, gen, owner, timeout })
      node.metric({ type: 'handover', result, duration: node.clock.now() - started })
      if (result === 'timeout') return 'refused'
      isDead = result === 'dead'
    }
    await here?.letGo()
    const token = node.newToken()
    const { lapses } = node.store
    // What the app's own database knows is all that was handled.
    const isUnsure = isDead && node.settings.processed === undefined
    const mark = isUnsure ? sent : 0
    const stored = await node.store.take(id, gen, token, mark)
    if (stored < 0) return 'superseded'
    const processed = status === 'new' ? 0 : await this.#processed(id)
    // Before the session is made: a later hello, here or elsewhere, may count on this one to do nothing more.
    if (this.#isOld(id, gen)) return 'superseded'
    // The one that was here may have left meanwhile, because another node had asked it to.
    const now = this.#sessions.get(id)
    // Another hello was faster, or another node may have taken it while the lease of this one had ended.
    if ((now !== undefined && now !== here) || node.store.lapses !== lapses) return 'refused'
    if (here !== undefined) this.#sessions.remove(here)
    // How far it came is known by the store, by an object that was here, and by the app's own database.
    const handled = Math.max(stored, here?.done ?? 0, processed)
    const session = new LiveSession(
      node,
      this.#topics,
      { id, token, principal, data, handled, stored, tried: Math.max(tried, mark) },
      this.#gone,
    )
    this.#sessions.add(session)
    this.#admitted(session, status === 'resumed')
    return session
  }

  /** A later hello of this session is being answered here, or was elsewhere. */
  #isOld(id: string, gen: number): boolean {
    return Math.max(this.#answering.get(id) ?? 0, this.#moved.get(id) ?? 0) > gen
  }

  async #processed(id: string): Promise<number> {
    const { processed } = this.#node.settings
    if (processed === undefined) return 0
    const number: unknown = await processed(id)
    if (Number.isSafeInteger(number) && (number as number) >= 0) return number as number
    throw new TypeError(`processed (which returned ${typeof number}) must return the number of a message, 0 for none`)
  }

  /** The largest payload that the `ws` server accepts. */
  get #largest(): number | undefined {
    const most = this.#node.settings.server?.options.maxPayload
    return most === undefined || most <= header ? undefined : most - header
  }

  #supersede(link: SocketLink): void {
    link.send(encodeJson('r', { reason: 'superseded' }))
    this.#refuse(link, closeCodes.superseded, 'superseded')
  }

  #refuse(link: SocketLink, code: number, reason: string): void {
    this.#node.metric({ type: 'refused', code })
    link.close(code, reason)
  }

  #remember(id: string, gen: number): void {
    if ((this.#moved.get(id) ?? 0) >= gen) return
    this.#moved.set(id, gen)
    this.#node.later(() => {
      if (this.#moved.get(id) === gen) this.#moved.delete(id)
    }, movedMemory)
  }
}

function isClaimed(claim: Claim): claim is Claimed {
  return claim.status === 'new' || claim.status === 'resumed'
}
