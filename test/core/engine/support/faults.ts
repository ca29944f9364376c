import { connectionMachine } from '../../../../machines/connection.machine.js'
import type * as compiled from '../../../../machines/connection.table.js'
import type { Action, Row } from '../../../../machines/table.types.js'
import { configurations, States } from '../../../../scripts/chart/compiler/nodes.js'

// Every possible fault of the table, one at a time. Those without an effect are excluded by a rule, never by a list.

/** A mutable copy of the table. */
export interface Table {
  names: string
  parents: number[]
  initial: number
  invoking: number
  tags: Record<string, number>
  input: (typeof compiled)['input']
  entries: Record<number, Action[]>
  delays: Record<number, [delay: (given: never) => number, rows: MutableRow[]]>
  events: Record<string, MutableRow[]>
}

type Guard = Exclude<Row[1], 0>
type MutableRow = [source: number, guard: Guard | 0, scope: number, entered: number, ...actions: Action[]]

/** The values are copied, the functions are not. */
export function copyTable(table: typeof compiled | Table): Table {
  const copy = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(copy)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copy(each)]))
  }
  return copy({ ...table }) as Table
}

export interface Fault {
  readonly name: string
  /** The engine caches state values, so it must be created again. */
  readonly inPlaces?: true
  plant(table: Table): void
}

const states = new States(connectionMachine)
const active = configurations(states.root).map((nodes) => states.mask(nodes))
const stateNumbers = states.list.map((_, state) => state)
const hasBit = (mask: number, state: number): boolean => ((mask >> state) & 1) !== 0
const nameOf = (state: number): string => states.list[state]!.key

/** The sets of active states in which a row can be selected. */
function whereTaken(rows: readonly MutableRow[], at: number): number[] {
  const [source, guard] = rows[at]!
  const taking = rows.slice(0, at).filter((row) => row[1] === 0 || row[1] === guard)
  return active.filter((mask) => hasBit(mask, source) && !taking.some((row) => hasBit(mask, row[0])))
}

/** Whether the order of two actions is observable. An effect does not see the context. */
export function isOrderSeen(one: Action, other: Action, fieldsOf: (action: Action) => readonly string[]): boolean {
  if (typeof one === 'string' && typeof other === 'string') return one !== other
  if (typeof one === 'string' || typeof other === 'string') return false
  return fieldsOf(one).some((field) => fieldsOf(other).includes(field))
}

/** The fields that an update sets; a function is called with every possible event. */
export function fieldsOf(action: Action): string[] {
  if (typeof action === 'string') return []
  if (typeof action !== 'function') return Object.keys(action)
  const context = { host: {}, gen: 0, failures: 0, wait: 0, hinted: false, lastCount: 0, why: 'new' }
  const events = [
    { type: 'policy.retry', delay: 1, hinted: true },
    { type: 'environment.online', wait: 1 },
  ]
  return [...new Set(events.flatMap((event) => Object.keys(action({ context, event } as never))))]
}

interface Place {
  readonly label: string
  /** The state whose timer fired, which no longer has it. */
  readonly timedState?: number
  readonly rows: (table: Table) => MutableRow[]
}

function rowFaults({ label, timedState, rows: rowsOf }: Place, table: Table): Fault[] {
  const rows = rowsOf(table)
  return rows.flatMap((row, at): Fault[] => {
    const [, guard, scope, entered, ...actions] = row
    const taken = whereTaken(rows, at)
    const where = `${label}, row ${at}`
    const fault = (what: string, plant: (row: MutableRow) => void): Fault => ({
      name: `${where}: ${what}`,
      plant: (planted) => plant(rowsOf(planted)[at]!),
    })
    const bit = (which: 2 | 3, state: number, what: string): Fault =>
      fault(`${what} ${nameOf(state)}`, (planted) => void (planted[which] ^= 1 << state))
    /** Whether entering a state has an effect. */
    const isBusy = (state: number): boolean =>
      table.entries[state] !== undefined || table.delays[state] !== undefined || hasBit(table.invoking, state)
    /** Whether skipping the exit of a state has an effect. A reentered state loses its timer and its socket. */
    const isMissed = (state: number): boolean =>
      !hasBit(entered, state) ||
      hasBit(table.invoking, state) ||
      (table.delays[state] !== undefined && state !== timedState)
    // A row that only consumes the event has no effect, whatever its scope.
    const isIdle = entered === 0 && actions.length === 0
    const leavable = stateNumbers.filter(
      (state) => !isIdle && !hasBit(scope | entered, state) && taken.some((mask) => hasBit(mask, state)),
    )
    const enterable = stateNumbers.filter(
      (state) => !hasBit(entered, state) && (isBusy(state) || taken.some((mask) => !hasBit(mask & ~scope, state))),
    )
    const list: Fault[] = [
      { name: `${where}: removed`, plant: (planted) => void rowsOf(planted).splice(at, 1) },
      ...stateNumbers
        .filter((state) => hasBit(scope, state) && isMissed(state))
        .map((state) => bit(2, state, 'does not leave')),
      ...leavable.map((state) => bit(2, state, 'leaves')),
      ...stateNumbers.filter((state) => hasBit(entered, state)).map((state) => bit(3, state, 'does not enter')),
      ...enterable.map((state) => bit(3, state, 'enters')),
      ...actions.map((_, index) => fault(`no action ${index + 1}`, (planted) => void planted.splice(4 + index, 1))),
      ...actions
        .slice(1)
        .flatMap((action, index) =>
          isOrderSeen(actions[index]!, action, fieldsOf)
            ? [
                fault(
                  `actions ${index + 1} and ${index + 2} swapped`,
                  (planted) => void planted.splice(4 + index, 2, action, actions[index]!),
                ),
              ]
            : [],
        ),
    ]
    if (guard !== 0) {
      list.push(fault('no guard', (planted) => void (planted[1] = 0)))
      list.push(fault('the guard negated', (planted) => void (planted[1] = (given) => !guard(given))))
    }
    if (entered !== 0) list.push(fault('no target', (planted) => void (planted[2] = planted[3] = 0)))
    return list
  })
}

function entryFaults(table: Table): Fault[] {
  return Object.entries(table.entries).flatMap(([state, actions]) => {
    const where = `entry of ${nameOf(Number(state))}`
    const entry = (planted: Table): Action[] => planted.entries[Number(state)]!
    return [
      ...actions.map((_, at) => ({
        name: `${where}: no action ${at + 1}`,
        plant: (planted: Table) => void entry(planted).splice(at, 1),
      })),
      ...actions.slice(1).flatMap((action, at) =>
        isOrderSeen(actions[at]!, action, fieldsOf)
          ? [
              {
                name: `${where}: actions swapped`,
                plant: (planted: Table) => void entry(planted).splice(at, 2, action, actions[at]!),
              },
            ]
          : [],
      ),
    ]
  })
}

function delayFaults(table: Table): Fault[] {
  return Object.entries(table.delays).flatMap(([state, [delay]]): Fault[] => [
    {
      name: `delay of ${nameOf(Number(state))}: removed`,
      plant: (planted) => void delete planted.delays[Number(state)],
    },
    {
      name: `delay of ${nameOf(Number(state))}: longer`,
      plant: (planted) => void (planted.delays[Number(state)]![0] = (given) => delay(given) + 16),
    },
  ])
}

/** Faults of functions: each is replaced by another. */
function functionFaults(table: Table): Fault[] {
  const allRows = (each: Table): MutableRow[] => [
    ...Object.values(each.events).flat(),
    ...Object.values(each.delays).flatMap(([, rows]) => rows),
  ]
  const guards = new Set(allRows(table).flatMap(([, guard]) => (guard === 0 ? [] : [guard])))
  const everywhere =
    (guard: Guard, wrong: Guard) =>
    (planted: Table): void => {
      for (const row of allRows(planted)) if (row[1] === guard) row[1] = wrong
    }
  const updates = new Set(
    [...allRows(table).flatMap(([, , , , ...actions]) => actions), ...Object.values(table.entries).flat()].filter(
      (action) => typeof action === 'function',
    ),
  )
  const replace =
    (update: Action, wrong: Action) =>
    (planted: Table): void => {
      for (const list of [...allRows(planted), ...Object.values(planted.entries)] as unknown[][]) {
        for (const [at, each] of list.entries()) if (at !== 1 && each === update) list[at] = wrong
      }
    }
  return [
    ...[...guards].flatMap((guard): Fault[] => [
      { name: `guard ${guard.name}: always`, plant: everywhere(guard, () => true) },
      { name: `guard ${guard.name}: never`, plant: everywhere(guard, () => false) },
      { name: `guard ${guard.name}: negated`, plant: everywhere(guard, (given) => !guard(given)) },
    ]),
    ...[...updates].map((update): Fault => ({ name: `update ${update.name}: nothing`, plant: replace(update, {}) })),
  ]
}

/** Of the reasons. */
function reasonFaults(table: Table): Fault[] {
  const places: Place[] = placesOf(table)
  return places.flatMap(({ label, rows }) =>
    rows(table).flatMap((row, at) =>
      row.flatMap((action, index): Fault[] =>
        typeof action === 'object' && index > 3
          ? [
              {
                name: `${label}, row ${at}: another reason`,
                plant: (planted) => void (rows(planted)[at]![index] = { why: 'new' } as never),
              },
            ]
          : [],
      ),
    ),
  )
}

function constantFaults(table: Table): Fault[] {
  const words = table.names.split(' ')
  const flip = (key: 'initial' | 'invoking', state: number): Fault => ({
    name: `${key}: ${nameOf(state)}`,
    inPlaces: true,
    plant: (planted) => void (planted[key] ^= 1 << state),
  })
  return [
    // The root's name is not observable.
    ...stateNumbers.slice(1).map((state): Fault => ({
      name: `name of ${nameOf(state)}`,
      inPlaces: true,
      plant: (planted) => void (planted.names = words.map((word, at) => (at === state ? 'another' : word)).join(' ')),
    })),
    ...stateNumbers.slice(1).map((state): Fault => ({
      name: `parent of ${nameOf(state)}`,
      inPlaces: true,
      plant: (planted) => void (planted.parents[state] = -1),
    })),
    ...stateNumbers.slice(1).map((state) => flip('initial', state)),
    ...stateNumbers.filter((state) => hasBit(table.invoking, state)).map((state) => flip('invoking', state)),
    ...Object.entries(table.tags).flatMap(([tag, mask]) =>
      stateNumbers
        .filter((state) => hasBit(mask, state))
        .map((state): Fault => ({
          name: `tag ${tag} of ${nameOf(state)}`,
          inPlaces: true,
          plant: (planted) => void (planted.tags[tag]! ^= 1 << state),
        })),
    ),
    {
      name: 'input: another generation',
      plant: (planted) => {
        const { input } = planted
        planted.input = (given) => ({ ...input(given), gen: 0 })
      },
    },
  ]
}

const placesOf = (table: Table): Place[] => [
  ...Object.keys(table.events).map((type): Place => ({ label: type, rows: ({ events }) => events[type]! })),
  ...Object.keys(table.delays).map((state): Place => ({
    label: `delay of ${nameOf(Number(state))}`,
    timedState: Number(state),
    rows: ({ delays }) => delays[Number(state)]![1],
  })),
]

export function faultsOf(table: Table): Fault[] {
  return [
    ...placesOf(table).flatMap((place) => rowFaults(place, table)),
    ...entryFaults(table),
    ...delayFaults(table),
    ...reasonFaults(table),
    ...functionFaults(table),
    ...constantFaults(table),
  ]
}
