import { bag, count, isFunction, oneOf, refuse } from '../core/checks.js'
import { makeError } from '../core/errors.js'
import { Listeners } from '../core/listeners.js'
import { InboxReader, type Handler, type Inbox } from './inbox.js'
import type { ServerNode } from './node.js'
import type { SessionEvent, SessionState } from './server.types.js'

/** Messages per call of a `messages` handler. */
const batchLimit = 256

const states = ['attached', 'away', 'moved', 'ended'] as const

/** The app's handler of a session, and the listeners of its state. */
export class SessionCallbacks {
  readonly #node: ServerNode
  readonly #inbox: Inbox
  /** Made when needed, like all that most sessions do without. */
  #listeners: Partial<Record<SessionState, Listeners<SessionEvent>>> | undefined
  #reader: InboxReader<unknown> | undefined

  constructor(node: ServerNode, inbox: Inbox) {
    this.#node = node
    this.#inbox = inbox
  }

  on(type: string, listener: (...given: never[]) => unknown, options?: object): () => void {
    isFunction(`on('${type}')`, listener)
    if (type === 'message' || type === 'messages') return this.#handle(type, listener, options)
    const state = oneOf('on', type, ['message', 'messages', ...states]) as SessionState
    const report = (thrown: unknown): void =>
      this.#node.report(makeError('ERR_LISTENER', 'failed', [`a '${state}' listener`], { cause: thrown }))
    const listeners = (this.#listeners ??= {})
    return (listeners[state] ??= new Listeners(report)).add(listener as (event: SessionEvent) => unknown)
  }

  read(): InboxReader<unknown> {
    this.#mustBeFree()
    this.#reader = new InboxReader(this.#inbox)
    return this.#reader
  }

  emit(state: SessionState, reason: string): void {
    this.#listeners?.[state]?.emit({ reason })
  }

  /** The session has left this node, so no message follows. */
  end(): void {
    this.#reader?.end()
  }

  #handle(type: 'message' | 'messages', listener: (...given: never[]) => unknown, options: object = {}): () => void {
    const names: 'limit'[] = type === 'messages' ? ['limit'] : []
    const { limit = batchLimit } = bag<{ limit?: number }>(`on('${type}')`, options, names)
    count('limit', limit, 1)
    this.#mustBeFree()
    const isBatch = type === 'messages'
    return this.#inbox.handle({ isBatch, limit: isBatch ? limit : 1, call: listener as Handler['call'] })
  }

  #mustBeFree(): void {
    if (!this.#inbox.taken && this.#reader?.over !== false) return
    refuse('on', 'message', 'come once: remove the other handler first, or leave its loop')
  }
}
