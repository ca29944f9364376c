import { calls } from './calls.js'
import { losses } from './losses.js'
import { options } from './options.js'
import { reports } from './reports.js'

/** Every sentence, by code and key: *what, value, remedy*. `docs/errors.md` has each of them. */
export const catalogue = { ...options, ...calls, ...losses, ...reports }

type Catalogue = typeof catalogue
/** `WebSocket`: exceptions of the standard, which have no code. */
export type Topic = keyof Catalogue
export type Key<T extends Topic> = keyof Catalogue[T]
export type Values<T extends Topic, K extends Key<T>> = Catalogue[T][K] extends (...values: infer V) => string
  ? V
  : never

/** The message of an error. No secret may be among `values`: they are shown in every build. */
export type Explain = <T extends Topic, K extends Key<T>>(topic: T, key: K, values: Values<T, K>) => string
