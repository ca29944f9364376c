import { count } from '../../../core/checks.js'
import type { Fault } from './faults.js'
import type { RequestHead } from './http.js'

/** Which requests a rule is for; all that is given must fit. */
export interface Match {
  /** A string is compared with the path without its query, a pattern is tried on path and query. */
  readonly path?: string | RegExp | undefined
  /** By name; a string must be equal, a pattern must be found. */
  readonly header?: Readonly<Record<string, string | RegExp>> | undefined
  /** Only the n-th of the requests that fit otherwise, from 1, or those for whose number the function says yes. */
  readonly nth?: number | ((n: number) => boolean) | undefined
}

/** What goes wrong, and when. */
export interface Rule {
  /** @default every request */
  readonly match?: Match | undefined
  /** How often it is applied before it is used up. @default without end */
  readonly times?: number | undefined
  /** One fault, or several at once. None lets the request through untouched. */
  readonly fault: Fault | readonly Fault[]
}

function fits(wanted: string | RegExp, value: string): boolean {
  // `search` ignores the `lastIndex` of a global pattern, `test` does not.
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

interface Standing {
  readonly match: Match
  readonly faults: readonly Fault[]
  seen: number
  left: number
}

/** The rules in force. They are tried in the order in which they were added, and the first that fits is the one. */
export class Rules {
  readonly #standing = new Set<Standing>()

  add(given: Rule | Fault): () => void {
    const { match = {}, times = Infinity, fault } = 'fault' in given ? given : { fault: given }
    const faults: readonly Fault[] = Array.isArray(fault) ? fault : [fault as Fault]
    const rule: Standing = { match, faults, seen: 0, left: count('times', times, 1) }
    this.#standing.add(rule)
    return () => void this.#standing.delete(rule)
  }

  clear(): void {
    this.#standing.clear()
  }

  /** The faults for this request; `undefined` when no rule fits. */
  pick(request: RequestHead): readonly Fault[] | undefined {
    for (const rule of this.#standing) {
      if (!matches(rule.match, request)) continue
      rule.seen += 1
      const { nth } = rule.match
      if (nth !== undefined && !(typeof nth === 'number' ? nth === rule.seen : nth(rule.seen))) continue
      rule.left -= 1
      if (rule.left === 0) this.#standing.delete(rule)
      return rule.faults
    }
    return undefined
  }
}
