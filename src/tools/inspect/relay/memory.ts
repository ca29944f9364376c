import type { Message } from './translate.js'

/** Limits per application: actors, and characters of text. */
const maxActors = 10_000
const maxText = 16_777_216
/** Limit for all applications together. Characters. */
const maxTotalText = 67_108_864

/** The parts of an actor, in the order in which a viewer needs them. */
const parts = ['actor', 'snapshot', 'figures'] as const
type Part = (typeof parts)[number]

const partOf: ReadonlyMap<string, Part> = new Map([
  ['@xstate.actor', 'actor'],
  ['@xstate.snapshot', 'snapshot'],
  ['@statewire.figures', 'figures'],
])

/** A message, stored as text because a parsed one can take many times the memory. */
interface StoredMessage {
  readonly text: string
  /** The chart as JSON, shared by most actors; appended after the other fields. */
  readonly definition: string | undefined
  /** Characters of both, without a definition that was already counted. */
  readonly size: number
}

interface Actor {
  rootId: string
  readonly parts: Map<Part, StoredMessage>
}

/** The text that all memories of a relay store. Characters. */
export class TextBudget {
  taken = 0

  get isFull(): boolean {
    return this.taken > maxTotalText
  }
}

/** The current state of one application, for viewers that connect later: its actors and their states. Bounded. */
export class Memory {
  readonly #budget: TextBudget
  /** Ordered by age. */
  readonly #actors = new Map<string, Actor>()
  /** The actor ids by root, to find them when the root is gone. */
  readonly #families = new Map<string, Set<string>>()
  #size = 0
  /** The last definition and its JSON; all connections share one. */
  #definition: string | undefined
  #definitionText = ''
  readonly #roots = new Set<string>()

  constructor(budget: TextBudget) {
    this.#budget = budget
  }

  /** Actors without a parent: usually connections. */
  get roots(): ReadonlySet<string> {
    return this.#roots
  }

  take(message: Message): void {
    const { type, sessionId, rootId } = message
    const part = partOf.get(type)
    if (type === '@statewire.gone') this.#forgetFamily(rootId)
    // A stopped child is forgotten; an ended connection is still shown.
    else if (part === 'snapshot' && sessionId !== rootId && isOver(message)) this.#forget(sessionId)
    else if (part !== undefined) this.#keep(message, part)
  }

  /** Yields the messages of each actor as JSON. Reflects changes made during the iteration. */
  *introduction(): Generator<readonly string[]> {
    for (const { parts: known } of this.#actors.values()) yield parts.flatMap((part) => jsonOf(known.get(part)))
  }

  /** Removes everything. */
  clear(): void {
    this.#budget.taken -= this.#size
    this.#size = 0
    for (const each of [this.#actors, this.#families, this.#roots]) each.clear()
  }

  #keep(message: Message, part: Part): void {
    const { sessionId: id, rootId } = message
    // Replaces an actor with the same id.
    if (part === 'actor') this.#forget(id)
    let actor = this.#actors.get(id)
    if (actor === undefined) this.#actors.set(id, (actor = { rootId, parts: new Map() }))
    else if (actor.rootId !== rootId) this.#leaveFamily(id, actor.rootId)
    actor.rootId = rootId
    const family = this.#families.get(rootId)
    if (family === undefined) this.#families.set(rootId, new Set([id]))
    else family.add(id)
    const kept = this.#kept(message)
    this.#grow(kept.size - (actor.parts.get(part)?.size ?? 0))
    actor.parts.set(part, kept)
    if (part === 'actor' && message['parentId'] === undefined) this.#roots.add(id)
    if (this.#fits(1)) return
    // Removes more than necessary, because finding the oldest costs as much for one as for many.
    for (const oldest of this.#actors.keys()) {
      if (this.#fits(0.95)) return
      this.#forget(oldest)
    }
  }

  #fits(share: number): boolean {
    return this.#actors.size <= maxActors * share && this.#size <= maxText * share && !this.#budget.isFull
  }

  #grow(size: number): void {
    this.#size += size
    this.#budget.taken += size
  }

  #forget(id: string): void {
    const actor = this.#actors.get(id)
    if (actor === undefined) return
    for (const { size } of actor.parts.values()) this.#grow(-size)
    this.#leaveFamily(id, actor.rootId)
    this.#actors.delete(id)
    this.#roots.delete(id)
  }

  #leaveFamily(id: string, rootId: string): void {
    const family = this.#families.get(rootId)
    family?.delete(id)
    if (family?.size === 0) this.#families.delete(rootId)
  }

  #forgetFamily(rootId: string): void {
    for (const id of [...(this.#families.get(rootId) ?? [])]) this.#forget(id)
  }

  /** Stores a message; a repeated definition costs nothing. */
  #kept(message: Message): StoredMessage {
    const { definition, ...rest } = message
    if (typeof definition !== 'string') {
      const text = JSON.stringify(message)
      return { text, definition: undefined, size: text.length }
    }
    const text = JSON.stringify(rest)
    if (definition === this.#definition) return { text, definition: this.#definitionText, size: text.length }
    this.#definition = definition
    this.#definitionText = JSON.stringify(definition)
    return { text, definition: this.#definitionText, size: text.length + this.#definitionText.length }
  }
}

function jsonOf(kept: StoredMessage | undefined): string[] {
  if (kept === undefined) return []
  const { text, definition } = kept
  return [definition === undefined ? text : `${text.slice(0, -1)},"definition":${definition}}`]
}

function isOver({ snapshot }: Message): boolean {
  const { status } = (snapshot ?? {}) as { status?: unknown }
  return status === 'stopped' || status === 'done' || status === 'error'
}
