import type { AnyStateMachine } from 'xstate'
import { isOfDelay, refuse } from './refusals.js'
import type { Node } from './nodes.js'

/** The functions that guards, updates and delays are, by their names. */
export type Logic = Readonly<Record<string, unknown>>

/** An update that is computed when the chart is compiled cannot read what is known only later. */
const unread = new Proxy(
  {},
  {
    get(): never {
      throw new Error('read')
    },
  },
)

/** Turns the names in a chart into code, and collects the functions that this code needs. */
export class Names {
  readonly used = new Set<string>()
  readonly #machine: AnyStateMachine
  readonly #logic: Logic

  constructor(machine: AnyStateMachine, logic: Logic) {
    this.#machine = machine
    this.#logic = logic
  }

  guard(node: Node, guard: unknown): string {
    if (guard === undefined) return '0'
    if (typeof guard !== 'string') refuse(node, 'has a guard that is not just a name')
    return this.#function(node, guard, this.#machine.implementations.guards[guard])
  }

  delay(node: Node): string {
    const delay = String(node.after[0]?.delay)
    return this.#function(node, delay, this.#machine.implementations.delays[delay])
  }

  /** Without what XState adds for delays. */
  actions(node: Node, actions: readonly unknown[]): string[] {
    return actions.filter((action) => !isOfDelay(action)).map((action) => this.#action(node, action))
  }

  /** The function that computes what the actor is started with. */
  input(node: Node): string {
    const { input } = node.invoke[0] as { input?: unknown }
    const [name] = Object.entries(this.#logic).find(([, each]) => each === input) ?? []
    if (name === undefined) refuse(node, 'gives its actor an input that is no function of the logic')
    return this.#function(node, name, input)
  }

  #action(node: Node, action: unknown): string {
    const { type, params } = (typeof action === 'string' ? { type: action } : action) as {
      type?: unknown
      params?: unknown
    }
    if (typeof action === 'function' || typeof type !== 'string') refuse(node, 'has an action without a name')
    const implementation = this.#machine.implementations.actions[type] as
      { type?: string; assignment?: unknown } | undefined
    if (implementation === undefined) refuse(node, `has the action ${type}, which is implemented nowhere`)
    const { type: kind, assignment } = implementation
    if (kind === undefined)
      return params === undefined ? `'${type}'` : refuse(node, `gives parameters to the effect ${type}`)
    if (kind !== 'xstate.assign') refuse(node, `has the action ${type}, which is ${kind}`)
    return params === undefined
      ? this.#function(node, type, assignment)
      : this.#computed(node, type, assignment, params)
  }

  #computed(node: Node, name: string, assignment: unknown, params: unknown): string {
    this.#check(node, name, assignment)
    try {
      return JSON.stringify((assignment as (given: unknown, params: unknown) => unknown)(unread, params))
    } catch {
      refuse(node, `has the action ${name}, which depends on more than its parameters`)
    }
  }

  #function(node: Node, name: string, implementation: unknown): string {
    this.#check(node, name, implementation)
    this.used.add(name)
    return name
  }

  #check(node: Node, name: string, implementation: unknown): void {
    if (typeof implementation !== 'function' || this.#logic[name] !== implementation) {
      refuse(node, `uses ${name}, which is not the function of that name in the logic`)
    }
  }
}
