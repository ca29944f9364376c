import { calls } from './calls.js'
import { losses } from './losses.js'
import { options } from './options.js'
import { reports } from './reports.js'
import { sessions } from './sessions.js'

/** All error messages, by code and key: problem, value, fix. `docs/errors.md` lists them. */
export const catalogue = { ...options, ...calls, ...losses, ...reports, ...sessions }

type Catalogue = typeof catalogue
/** An error code, or `WebSocket` for the standard's exceptions, which have no code. */
export type Topic = keyof Catalogue
export type Key<T extends Topic> = keyof Catalogue[T]
export type Values<T extends Topic, K extends Key<T>> = Catalogue[T][K] extends (...values: infer V) => string
  ? V
  : never

/** Returns the message of an error. `values` appear in every build, so they must not contain secrets. */
export type Explain = <T extends Topic, K extends Key<T>>(topic: T, key: K, values: Values<T, K>) => string
