import { makeError } from './errors.js'
import type { BinaryType } from './transport.js'
import type { Core } from './core.js'
import type { AnyFeature, LateMoments } from './feature.js'
import type { ConnectionState, ConnectionStatus, ReadyState } from './status.types.js'

/**
 * The key of the function that returns the core. Private names don't work through a `Proxy`, and deep proxies don't wrap functions, so a
 * connection works inside the reactive state of any framework.
 */
const inside = Symbol('inside')

/** The public object of a connection. Separate from the core, whose members have other meanings. */
export class Face {
  /** The additional event types and `send` options of the features. */
  static events: readonly string[] = []
  static sendOptions: readonly string[] = []
  declare readonly [inside]: () => Core

  constructor(core: Core) {
    Object.defineProperty(this, inside, { value: () => core })
  }

  get state(): ConnectionState {
    return this[inside]().status.state
  }

  get status(): ConnectionStatus {
    return this[inside]().status
  }

  get readyState(): ReadyState {
    return this[inside]().status.readyState
  }

  get url(): string {
    return this[inside]().lastUrl
  }

  get protocol(): string {
    return this[inside]().attempt?.protocol ?? ''
  }

  get extensions(): string {
    return this[inside]().attempt?.extensions ?? ''
  }

  get binaryType(): BinaryType {
    return this[inside]().binaryType
  }

  set binaryType(type: BinaryType) {
    this[inside]().setBinaryType(type)
  }

  open(): void {
    this[inside]().ask('OPEN')
  }

  close(code?: number, reason?: string): void {
    this[inside]().ask('CLOSE', code, reason)
  }

  reconnect(code?: number, reason?: string): void {
    this[inside]().ask('RECONNECT', code, reason)
  }

  markHealthy(): void {
    this[inside]().command('HEALTHY')
  }

  send(message: unknown, options?: object): 'sent' | 'queued' | 'dropped' {
    return this[inside]().outgoing.send(message, options)
  }

  on(type: string, listener: (event: never) => unknown, options?: object): () => void {
    const { listening, events } = this[inside]()
    return listening === undefined ? events.add(type, listener) : listening.on(type, listener, options)
  }

  use(moments: LateMoments<never, never>): () => void {
    return this[inside]().use(moments)
  }

  /** With a tag, Vue treats it as a platform object and doesn't wrap it: `ref(connection).value === connection`. */
  get [Symbol.toStringTag](): string {
    return 'Connection'
  }
}

type Members = Record<string | symbol, unknown>

/** One class per set of features: prototype members cost a connection nothing, and all its instances share one shape. */
const faces: Record<string, typeof Face | undefined> = {}

/** Called once the features are attached, because their parts show which members are methods. */
export function faceOf(features: readonly AnyFeature[], core: Core): Face {
  const key = features
    .map((each) => [each.name, names(each.members), each.events, each.sendOptions].join(' '))
    .join(';')
  const FaceWithFeatures = (faces[key] ??= withMembers(features, core.featured))
  return new FaceWithFeatures(core)
}

const names = (members: readonly PropertyKey[] = []): string => members.map(String).join()

/** A separate function, because a class retains its enclosing scope and this one is never released. */
const newClass = (): typeof Face => class FaceWithFeatures extends Face {}

function withMembers(features: readonly AnyFeature[], parts: readonly object[]): typeof Face {
  const FaceWithFeatures = newClass()
  FaceWithFeatures.events = features.flatMap(({ events = [] }) => events)
  FaceWithFeatures.sendOptions = features.flatMap(({ sendOptions = [] }) => sendOptions)
  const { prototype } = FaceWithFeatures
  features.forEach(({ name, members = [] }, index) => {
    for (const member of members as readonly (string | symbol)[]) {
      if (Object.prototype.hasOwnProperty.call(prototype, member)) {
        throw makeError('ERR_OPTION', 'member-taken', [name, String(member)])
      }
      define(prototype, index, member, descriptorOf(parts[index]!, member))
    }
  })
  return FaceWithFeatures
}

/** A separate function: its closures live as long as the class and must not retain the parts of the first connection. */
function define(face: Face, index: number, member: string | symbol, described: PropertyDescriptor | undefined): void {
  const its = (each: Face): Members => each[inside]().featured[index] as unknown as Members
  const call = function (this: Face, ...given: unknown[]): unknown {
    return (its(this) as Record<string | symbol, (...given: unknown[]) => unknown>)[member]!(...given)
  }
  const get = function (this: Face): unknown {
    return its(this)[member]
  }
  const set = function (this: Face, given: unknown): void {
    its(this)[member] = given
  }
  const isMethod = typeof described?.value === 'function'
  const accessors = described?.set === undefined ? { get } : { get, set }
  Object.defineProperty(face, member, {
    configurable: true,
    ...(isMethod ? { value: call, writable: true } : accessors),
  })
}

/** Finds the descriptor without reading the member, because a getter may have effects. */
function descriptorOf(part: object, member: string | symbol): PropertyDescriptor | undefined {
  for (let each: object | null = part; each !== null; each = Object.getPrototypeOf(each) as object | null) {
    const found = Object.getOwnPropertyDescriptor(each, member)
    if (found !== undefined) return found
  }
  return undefined
}
