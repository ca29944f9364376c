import { createRequire } from 'node:module'
import { createContext, runInContext } from 'node:vm'

const require = createRequire(import.meta.url)
const language = runInContext('globalThis', createContext()) as Record<string, unknown> & typeof globalThis
/** Every context has them, though they are not part of the language. */
const platform = ['console', 'WebAssembly']

const trap = (name: string): never => {
  throw new ReferenceError(`${name} is read at import`)
}

/** Values that depend on the time of the call. */
const trapped: Readonly<Record<string, unknown>> = {
  Date: new Proxy(language.Date, {
    apply: () => trap('Date'),
    construct: () => trap('Date'),
    get: (target, key) => (key === 'now' ? trap('Date.now') : Reflect.get(target, key)),
  }),
  Math: new Proxy(language.Math, {
    get: (target, key) => (key === 'random' ? trap('Math.random') : Reflect.get(target, key)),
  }),
}

/**
 * Runs a script with only the language's globals. Reading any other global throws, `typeof` included. Reading a
 * property's descriptor is allowed: it loads nothing, and does not freeze what a polyfill may replace.
 */
export function runInTrap(code: string): unknown {
  const scope: object = new Proxy(Object.create(null) as object, {
    get(_, key) {
      const name = String(key)
      if (name === 'globalThis') return scope
      if (name in trapped) return trapped[name]
      if (Object.hasOwn(language, key) && !platform.includes(name)) return language[name]
      return trap(name)
    },
    has: (_, key) => trap(String(key)),
  })
  const script = runInContext(`(function (require) { 'use strict'\n${code}\n})`, createContext(scope)) as (
    // Third-party modules are loaded outside, and may read anything.
    require: NodeJS.Require,
  ) => unknown
  return script(require)
}
