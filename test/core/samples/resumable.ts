import type { Core } from '../../../src/core/core.js'
import type { Feature, FeatureTypes, Framing, Link, LinkEnd, Part, RetryAdvice } from '../../../src/core/feature.js'
import { preparation, type Fate } from '../../../src/core/index.js'
import { makeError } from '../../../src/core/errors.js'
import { textHeartbeat } from '../../../src/core/policies/heartbeat.js'
import type { Loss } from '../../../src/core/policies/retry.js'
import type { SendData, MessageData } from '../../../src/core/transport.js'

// A feature with everything that delivery across reconnects needs of the contract, over a minimal protocol:
//
//     h<rx>     client: hello, and its count of received messages      w<seen>   server: its count of seen messages
//     d<n>:…    message n, in both directions                          a<n>      all up to n received
//     p / q<n>  heartbeat, whose pong acknowledges too                 b         client: goodbye

export interface ResumableOptions {
  /** The maximum number of unacknowledged messages. @default 1_000 */
  window?: number
}

interface SessionMethods {
  readonly unacknowledged: number
  readonly session: 'fresh' | 'attached' | 'away' | 'ended'
}
interface ResumableTypes extends FeatureTypes {
  readonly methods: SessionMethods
  readonly events: { continuity: { readonly kind: 'begun' | 'kept'; readonly replayed: number } }
}
export interface ResumableFeature extends Feature<'resumable', ResumableTypes, never> {}

const protocol = 'resume.v1'

class Session implements Part, Framing {
  readonly preparation: Part['preparation']
  readonly heartbeat = textHeartbeat({ ping: 'p', pong: (frame) => this.#isPong(frame) })
  session: SessionMethods['session'] = 'fresh'
  readonly #core: Core
  readonly #window: number
  /** Unacknowledged messages. */
  #kept: { readonly frame: SendData; onFate?: (fate: Fate | 'delivered') => void }[] = []
  #sent = 0
  #acked = 0
  #received = 0
  #saidGoodbye = false

  constructor(core: Core, window: number) {
    this.#core = core
    this.#window = window
    this.preparation = preparation(core)
  }

  get framing(): this {
    return this
  }

  get unacknowledged(): number {
    return this.#sent - this.#acked
  }

  offer(offered: readonly string[]): readonly string[] {
    return offered.length === 0 ? [protocol] : offered.map((each) => `${protocol}.${each}`)
  }

  /** After the app's `prepare`, before the queue. */
  async handshake(link: Link): Promise<void> {
    link.send(`h${this.#received}`)
    const answer = String(await link.read())
    this.#acknowledge(Number(answer.slice(1)))
    for (const { frame } of this.#kept) link.send(frame)
  }

  onLinked(): void {
    const core = this.#core
    const attempt = core.attempt!
    attempt.protocol = attempt.protocol.replace(protocol, '').replace('.', '')
    const kind = this.session === 'fresh' ? 'begun' : 'kept'
    this.session = 'attached'
    core.schedule(() => core.events.emit('continuity', { kind, replayed: this.#kept.length }))
  }

  /** A message gets its number at the socket, so that earlier drops leave no gap. */
  outgoing(data: SendData): SendData {
    if (typeof data !== 'string') throw makeError('ERR_DATA', 'not-data', ['a Blob'])
    const frame = `d${++this.#sent}:${data}`
    this.#kept.push({ frame })
    // From here on it belongs to the session, and nothing of it is uncertain.
    const attempt = this.#core.attempt!
    attempt.provenMessages = attempt.messages
    attempt.provenBytes = attempt.bytes
    return frame
  }

  onWritten(_: unknown, { onFate }: { onFate?: (fate: Fate | 'delivered') => void }): void {
    if (onFate !== undefined) this.#kept.at(-1)!.onFate = onFate
  }

  incoming(data: MessageData): MessageData | undefined {
    const core = this.#core
    const [, kind, number, payload] = /^([ad])(\d+):?(.*)$/s.exec(String(data)) ?? []
    if (kind === 'd' && Number(number) === this.#received + 1) {
      this.#received++
      return payload
    }
    // Of the layer, not of the app.
    core.beats++
    if (kind === 'a') this.#acknowledge(Number(number))
    else if (kind === 'd' && Number(number) > this.#received) core.attempt!.socket!.close(4400, 'gap')
    return undefined
  }

  isFull(): boolean {
    return this.unacknowledged >= this.#window
  }

  mayClose(): boolean {
    if (this.session !== 'attached') return true
    if (this.unacknowledged > 0) return false
    if (!this.#saidGoodbye) this.#core.attempt!.sendNow('b')
    this.#saidGoodbye = true
    return true
  }

  onEnd({ why }: LinkEnd): object {
    this.session = this.session === 'fresh' ? 'fresh' : 'away'
    const isLast = why === 'close' || why === 'close-timeout'
    return { uncertain: { messages: isLast ? this.unacknowledged : 0, bytes: 0 } }
  }

  onLoss({ close }: Loss): RetryAdvice | undefined {
    // Another link has taken over the session.
    return close.code === 4409 ? { retry: false, asked: 0, floor: 0 } : undefined
  }

  onSettled(): void {
    this.session = 'ended'
  }

  #isPong(frame: MessageData): boolean {
    const number = /^q(\d+)$/.exec(String(frame))?.[1]
    if (number !== undefined) this.#acknowledge(Number(number))
    return number !== undefined
  }

  #acknowledge(number: number): void {
    if (number <= this.#acked) return
    const core = this.#core
    for (const { onFate } of this.#kept.splice(0, number - this.#acked)) {
      if (onFate !== undefined) core.schedule(() => core.events.call('fate', onFate, 'delivered'))
    }
    this.#acked = number
    // The window has room, or the goodbye may be sent.
    core.flush()
  }
}

export const resumable = ({ window = 1_000 }: ResumableOptions = {}): ResumableFeature => ({
  name: 'resumable',
  members: ['unacknowledged', 'session'],
  events: ['continuity'],
  attach: (core) => new Session(core, window),
})
