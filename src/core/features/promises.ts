import { throwIfAborted } from '../abort-signals.js'
import type { ConnectionError } from '../errors.js'
import { signalOf } from '../signal-options.js'
import type { CloseInfo } from '../transport.js'
import { Waiters } from '../waiters.js'
import type { Connection } from '../connection.types.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes, LinkEnd, Part } from '../feature.js'
import type { ConnectionState } from '../status.types.js'

/** Safari has no `Symbol.asyncDispose`; Babel's and esbuild's `await using` look for this symbol there. */
const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? (Symbol.for('Symbol.asyncDispose') as never)

/** Documented at `Connection`. */
export type PromiseMethods = Pick<Connection, 'opened' | 'ended' | 'close' | typeof Symbol.asyncDispose>

interface PromisesTypes extends FeatureTypes {
  readonly methods: PromiseMethods
}
/** The type of `promises()`. */
export interface PromisesFeature extends Feature<'promises', PromisesTypes, never> {}

const unopened: CloseInfo = { code: 1005, reason: '', wasClean: false }

/** The error that readers end with; `undefined` if the app closed the connection or the server closed it normally. */
export function failureToReader(core: Core, what: string): ConnectionError | undefined {
  const { why, loss } = core.status
  const { code, wasClean } = loss?.close ?? unopened
  const isNormal = wasClean && (code === 1000 || code === 1005)
  return why === 'internal' || (why === 'refused' && !isNormal) ? core.over(what) : undefined
}

class Promises implements Part {
  readonly #core: Core
  /** Created lazily; few connections need it. */
  #waiters: Waiters<{ opened: void; closed: CloseInfo; ended: CloseInfo }> | undefined
  /** How the last link or attempt ended. */
  #last = unopened

  constructor(core: Core) {
    this.#core = core
  }

  get #waiting(): Waiters<{ opened: void; closed: CloseInfo; ended: CloseInfo }> {
    return (this.#waiters ??= new Waiters())
  }

  async opened(options?: { signal?: AbortSignal | undefined }): Promise<void> {
    const signal = signalOf('opened', options)
    throwIfAborted(signal)
    const { state } = this.#core.status
    if (state === 'open') return
    if (state === 'ended') throw this.#core.over('opened()')
    return this.#waiting.wait('opened', signal)
  }

  async ended(options?: { signal?: AbortSignal | undefined }): Promise<CloseInfo> {
    const signal = signalOf('ended', options)
    throwIfAborted(signal)
    return this.#core.status.state === 'ended' ? this.#last : this.#waiting.wait('ended', signal)
  }

  close(code?: number, reason?: string): Promise<CloseInfo> {
    const core = this.#core
    for (const part of core.parts) part.onCommand?.('CLOSE', code, reason)
    const { state } = core.status
    if (state === 'ended') return Promise.resolve(this.#last)
    const closed = this.#waiting.wait('closed')
    // A second close changes nothing, not even the code.
    if (state !== 'closing') core.command('CLOSE', { code, reason })
    return closed
  }

  async [asyncDispose](): Promise<void> {
    await this.close()
  }

  onEnd({ close }: LinkEnd): undefined {
    this.#last = close
  }

  onState(state: ConnectionState): void {
    if (state === 'open') this.#waiters?.resolve('opened', undefined)
    // Reopened before it was closed.
    if (state === 'connecting') this.#waiters?.resolve('closed', this.#last)
  }

  onSettled(): void {
    this.#waiters?.reject('opened', this.#core.over('opened()'))
    this.#waiters?.resolve('closed', this.#last)
    this.#waiters?.resolve('ended', this.#last)
  }
}

/** Adds `opened()`, `ended()`, a `close()` that returns a promise, and `await using`. */
export const promises = (): PromisesFeature => ({
  name: 'promises',
  members: ['opened', 'ended', 'close', asyncDispose],
  attach: (core) => new Promises(core),
})
