import { makeError } from './errors.js'
import type { BinaryType } from './transport.js'
import type { Core } from './core.js'
import type { AnyFeature, LateMoments } from './feature.js'
import type { ConnectionState, ConnectionStatus, ReadyState } from './status.types.js'

/**
 * Leads from what the app holds to the core. Not a private name, which a `Proxy` does not pass on, and a function, which deep
 * proxies do not wrap: a connection works inside the reactive state of any framework.
 */
const inside = Symbol('inside')

/** What the app holds. Apart from the core, because names that the core needs mean something else to the app. */
export class Face {
  /** What the features of these connections listen for and read. */
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

  /** Vue takes it for an object of the platform, and leaves it as it is: `ref(connection).value === connection`. */
  get [Symbol.toStringTag](): string {
    return 'Connection'
  }
}

type Members = Record<string | symbol, unknown>

/** One class for each set of features: members on its prototype cost a connection nothing, and all connections have one shape. */
const faces: Record<string, typeof Face | undefined> = {}

/** After the features are attached: their parts show which members are methods. */
export function faceOf(features: readonly AnyFeature[], core: Core): Face {
  const key = features
    .map((each) => [each.name, names(each.members), each.events, each.sendOptions].join(' '))
    .join(';')
  const FaceWithFeatures = (faces[key] ??= withMembers(features, core.featured))
  return new FaceWithFeatures(core)
}

const names = (members: readonly PropertyKey[] = []): string => members.map(String).join()

/** By itself, because a class holds what is around it, and this one lives for ever. */
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

/** A function of its own: these live as long as the class, and must not hold the parts of the connection that it was made for. */
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

/** Without reading the member: a getter may make something. */
function descriptorOf(part: object, member: string | symbol): PropertyDescriptor | undefined {
  for (let each: object | null = part; each !== null; each = Object.getPrototypeOf(each) as object | null) {
    const found = Object.getOwnPropertyDescriptor(each, member)
    if (found !== undefined) return found
  }
  return undefined
}
