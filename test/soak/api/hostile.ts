/** The errors that the app throws. One may surface where it was thrown; elsewhere only as a cause. */
export class Mine extends Error {
  override readonly name = 'Mine'
}

export function fail(): never {
  throw new Mine('a bug of the app')
}

export const rejected = (): Promise<never> => Promise.reject(new Mine('a rejection of the app'))

const thrower = { get: fail, has: fail, ownKeys: fail, getOwnPropertyDescriptor: fail } as const

/** Values that are not messages, options or listeners, some of which throw when inspected. */
export const values: readonly unknown[] = [
  undefined,
  null,
  0,
  NaN,
  -1,
  5n,
  true,
  Symbol('hostile'),
  {},
  [],
  Object.create(null),
  { toString: fail, valueOf: fail },
  new Proxy({}, thrower),
  new Proxy(() => {}, { ...thrower, apply: fail }),
  // oxlint-disable-next-line unicorn/no-thenable -- that is what is hostile about it
  { then: fail },
  // oxlint-disable-next-line unicorn/no-thenable -- that is what is hostile about it
  { then: (_: unknown, reject: (reason: unknown) => void) => reject(new Mine('a thenable of the app')) },
  rejectedQuietly(),
  new SharedArrayBuffer(4),
  new Date(NaN),
  /x/,
  Map,
]

function rejectedQuietly(): Promise<never> {
  const promise = rejected()
  promise.catch(() => {})
  return promise
}

export function hostile(n: number): never {
  return values[n % values.length] as never
}

/** Values that are not iterable, iterables that throw, and iterables of invalid messages. */
export function hostileBatch(n: number, callBack: () => void): never {
  const batches: readonly unknown[] = [
    hostile(n >> 3),
    'text',
    [hostile(n >> 3)],
    {
      *[Symbol.iterator]() {
        callBack()
        yield fail()
      },
    },
    { [Symbol.iterator]: fail },
    { [Symbol.iterator]: () => ({ next: fail }) },
    {
      get [Symbol.iterator]() {
        return fail()
      },
    },
  ]
  return batches[n % batches.length] as never
}

/** Invalid options, and options that throw when read. */
export function hostileOptions(n: number): never {
  const options: readonly unknown[] = [
    hostile(n >> 3),
    { ttl: hostile(n >> 3) },
    { key: hostile(n >> 3) },
    { signal: hostile(n >> 3) },
    { nonsense: true },
    {
      get ttl() {
        return fail()
      },
    },
    {
      get signal() {
        return fail()
      },
    },
    { limit: hostile(n >> 3), overflow: hostile(n >> 5) },
  ]
  return options[n % options.length] as never
}
