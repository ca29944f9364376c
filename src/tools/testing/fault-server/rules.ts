import { count } from '../../../core/checks.js'
import type { Fault } from './faults.js'
import type { RequestHead } from './http.js'

/** Which requests a rule applies to. All given conditions must match. */
export interface Match {
  /** A string must equal the path without its query; a RegExp is tested on path and query. */
  readonly path?: string | RegExp | undefined
  /** Headers by name. A string must be equal; a RegExp must match. */
  readonly header?: Readonly<Record<string, string | RegExp>> | undefined
  /** Only the nth of the otherwise matching requests, from 1, or those for whose number the function returns true. */
  readonly nth?: number | ((n: number) => boolean) | undefined
}

/** A fault, and the requests it applies to. */
export interface Rule {
  /** @default every request */
  readonly match?: Match | undefined
  /** How many requests it applies to before it is removed. @default Infinity */
  readonly times?: number | undefined
  /** One fault, or several. An empty list lets the request through unchanged. */
  readonly fault: Fault | readonly Fault[]
}

function fits(wanted: string | RegExp, value: string): boolean {
  // `search` ignores the `lastIndex` of a global RegExp; `test` does not.
  return typeof wanted === 'string' ? wanted === value : value.search(wanted) !== -1
}

function matches({ path, header = {} }: Match, request: RequestHead): boolean {
  if (path !== undefined) {
    const target = typeof path === 'string' ? request.path.replace(/\?.*$/s, '') : request.path
    if (!fits(path, target)) return false
  }
  return Object.entries(header).every(([name, wanted]) => {
    const value = request.headers[name.toLowerCase()]
    return value !== undefined && fits(wanted, value)
  })
}

interface ActiveRule {
  readonly match: Match
  readonly faults: readonly Fault[]
  seen: number
  left: number
}

/** The active rules, tried in the order they were added. The first match applies. */
export class Rules {
  readonly #active = new Set<ActiveRule>()

  add(given: Rule | Fault): () => void {
    const { match = {}, times = Infinity, fault } = 'fault' in given ? given : { fault: given }
    const faults: readonly Fault[] = Array.isArray(fault) ? fault : [fault as Fault]
    const rule: ActiveRule = { match, faults, seen: 0, left: count('times', times, 1) }
    this.#active.add(rule)
    return () => void this.#active.delete(rule)
  }

  clear(): void {
    this.#active.clear()
  }

  /** Returns the faults for this request; `undefined` if no rule matches. */
  pick(request: RequestHead): readonly Fault[] | undefined {
    for (const rule of this.#active) {
      if (!matches(rule.match, request)) continue
      rule.seen += 1
      const { nth } = rule.match
      if (nth !== undefined && !(typeof nth === 'number' ? nth === rule.seen : nth(rule.seen))) continue
      rule.left -= 1
      if (rule.left === 0) this.#active.delete(rule)
      return rule.faults
    }
    return undefined
  }
}
