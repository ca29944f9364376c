import type { Message } from './translate.js'

/** How many actors of one application are remembered, and how much text of them. Characters. */
const mostActors = 10_000
const mostText = 16_777_216
/** How much text all applications share. Characters. */
const mostTextOfAll = 67_108_864

/** The order in which a viewer needs the parts of an actor. */
const parts = ['actor', 'snapshot', 'figures'] as const
type Part = (typeof parts)[number]

const partOf: ReadonlyMap<string, Part> = new Map([
  ['@xstate.actor', 'actor'],
  ['@xstate.snapshot', 'snapshot'],
  ['@statewire.figures', 'figures'],
])

/** A message as text, because parsed it can take many times the room. */
interface Kept {
  readonly text: string
  /** JSON of the chart, which most actors share; it goes after the other fields. */
  readonly definition: string | undefined
  /** Characters of both, without a definition that was counted before. */
  readonly size: number
}

interface Actor {
  rootId: string
  readonly parts: Map<Part, Kept>
}

/** The room that all memories of a relay take together. Characters. */
export class Room {
  taken = 0

  get isFull(): boolean {
    return this.taken > mostTextOfAll
  }
}

/** What a viewer that comes late has missed of one application: which actors there are, and where they are. Bounded. */
export class Memory {
  readonly #room: Room
  /** The one that was updated longest ago first. */
  readonly #actors = new Map<string, Actor>()
  /** The actors of each root, so that those of one that has gone are found at once. */
  readonly #families = new Map<string, Set<string>>()
  #size = 0
  /** The last definition, and its JSON: connections all have the same one. */
  #definition: string | undefined
  #definitionText = ''
  readonly #roots = new Set<string>()

  constructor(room: Room) {
    this.#room = room
  }

  /** The actors that no other has spawned: connections, mostly. */
  get roots(): ReadonlySet<string> {
    return this.#roots
  }

  take(message: Message): void {
    const { type, sessionId, rootId } = message
    const part = partOf.get(type)
    if (type === '@statewire.gone') this.#forgetFamily(rootId)
    // A child that has stopped reports nothing more. That a connection has ended is worth showing.
    else if (part === 'snapshot' && sessionId !== rootId && isOver(message)) this.#forget(sessionId)
    else if (part !== undefined) this.#keep(message, part)
  }

  /** All that is known of each actor, as JSON. Nothing that is forgotten meanwhile, and the present of the rest. */
  *introduction(): Generator<readonly string[]> {
    for (const { parts: known } of this.#actors.values()) yield parts.flatMap((part) => jsonOf(known.get(part)))
  }

  /** Forgets everything. */
  clear(): void {
    this.#room.taken -= this.#size
    this.#size = 0
    for (const each of [this.#actors, this.#families, this.#roots]) each.clear()
  }

  #keep(message: Message, part: Part): void {
    const { sessionId: id, rootId } = message
    // A new one in place of one that had its id.
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
    // Some more than has to go: finding the oldest costs as much for one as for many.
    for (const oldest of this.#actors.keys()) {
      if (this.#fits(0.95)) return
      this.#forget(oldest)
    }
  }

  #fits(share: number): boolean {
    return this.#actors.size <= mostActors * share && this.#size <= mostText * share && !this.#room.isFull
  }

  #grow(size: number): void {
    this.#size += size
    this.#room.taken += size
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

  /** A definition that was kept before costs nothing when it comes again. */
  #kept(message: Message): Kept {
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

function jsonOf(kept: Kept | undefined): string[] {
  if (kept === undefined) return []
  const { text, definition } = kept
  return [definition === undefined ? text : `${text.slice(0, -1)},"definition":${definition}}`]
}

function isOver({ snapshot }: Message): boolean {
  const { status } = (snapshot ?? {}) as { status?: unknown }
  return status === 'stopped' || status === 'done' || status === 'error'
}
