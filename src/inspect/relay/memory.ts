import type { Message } from './translate.js'

/** How many actors of one application are remembered, and how much of them, in characters. */
const mostActors = 10_000
const mostText = 16_777_216

/** In the order in which somebody has to be told. */
const parts = ['actor', 'snapshot', 'figures'] as const
type Part = (typeof parts)[number]

const partOf: Readonly<Record<string, Part>> = {
  '@xstate.actor': 'actor',
  '@xstate.snapshot': 'snapshot',
  '@statewire.figures': 'figures',
}

interface Kept {
  readonly message: Message
  readonly length: number
}

/** What a viewer that comes late has missed of one application: which actors there are, and where they are. Bounded. */
export class Memory {
  readonly #actors = new Map<string, Map<Part, Kept>>()
  #size = 0
  /** The chart that was told last: it is told of every connection, in the same words. */
  #definition: string | undefined
  readonly #roots = new Set<string>()

  /** The actors that no other has spawned: connections, mostly. */
  get roots(): ReadonlySet<string> {
    return this.#roots
  }

  /** `length`: of the message as text. */
  take(message: Message, length: number): void {
    const { type, sessionId, rootId } = message
    const part = partOf[type]
    if (type === '@statewire.gone') this.#forgetAll(rootId)
    // What has been stopped will not be heard of again; that a connection has ended is worth knowing.
    else if (part === 'snapshot' && sessionId !== rootId && isOver(message)) this.#forget(sessionId)
    else if (part !== undefined) this.#keep(sessionId, part, this.#interned(message, length))
  }

  *introduction(): Generator<Message> {
    for (const kept of this.#actors.values()) {
      for (const part of parts) {
        const known = kept.get(part)
        if (known !== undefined) yield known.message
      }
    }
  }

  #keep(id: string, part: Part, kept: Kept): void {
    // A new one, in place of one that had its name.
    if (part === 'actor') this.#forget(id)
    const actor = this.#actors.get(id) ?? new Map<Part, Kept>()
    this.#size += kept.length - (actor.get(part)?.length ?? 0)
    actor.set(part, kept)
    this.#actors.set(id, actor)
    if (part === 'actor' && kept.message['parentId'] === undefined) this.#roots.add(id)
    for (const oldest of this.#actors.keys()) {
      if (this.#actors.size <= mostActors && this.#size <= mostText) return
      this.#forget(oldest)
    }
  }

  #forget(id: string): void {
    for (const { length } of this.#actors.get(id)?.values() ?? []) this.#size -= length
    this.#actors.delete(id)
    this.#roots.delete(id)
  }

  #forgetAll(rootId: string): void {
    for (const [id, kept] of this.#actors) {
      if ([...kept.values()].some(({ message }) => message.rootId === rootId)) this.#forget(id)
    }
  }

  /** A chart that was told before costs nothing when it is told again. */
  #interned(message: Message, length: number): Kept {
    const { definition } = message
    if (typeof definition !== 'string') return { message, length }
    if (definition !== this.#definition) {
      this.#definition = definition
      return { message, length }
    }
    return { message: { ...message, definition: this.#definition }, length: length - definition.length }
  }
}

function isOver({ snapshot }: Message): boolean {
  const { status } = (snapshot ?? {}) as { status?: unknown }
  return status === 'stopped' || status === 'done' || status === 'error'
}
