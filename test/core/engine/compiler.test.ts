import { describe, expect, test } from 'vitest'
import { assign, createMachine, fromCallback, setup, type AnyStateMachine } from 'xstate'
import { readFileSync } from 'node:fs'
import { definition } from '../../../machines/connection.definition.js'
import * as connectionLogic from '../../../machines/connection.logic.js'
import { connectionMachine } from '../../../machines/connection.machine.js'
import { compileChart } from '../../../scripts/chart/compiler/compile.js'
import type { CompiledChart } from '../../../scripts/chart/compiler/compiled.types.js'
import { definitionOf, definitionSource, tableSource } from '../../../scripts/chart/compiler/sources.js'

const file = (name: string): string => readFileSync(new URL(`../../../machines/${name}`, import.meta.url), 'utf8')

describe('the generated code', () => {
  test('has the table compiled from the chart', async () => {
    const fresh = await tableSource(compileChart(connectionMachine, connectionLogic))
    expect(file('connection.table.ts') === fresh, 'stale: run `npm run chart` and commit what it writes').toBe(true)
  })

  test("has XState's definition of the chart, in the same order", async () => {
    const stale = 'stale: run `npm run chart` and commit what it writes'
    expect(file('connection.definition.ts') === (await definitionSource(connectionMachine)), stale).toBe(true)
    expect(JSON.stringify(definition)).toBe(JSON.stringify(connectionMachine.config))
    expect(definition).toEqual(definitionOf(connectionMachine))
  })
})

// A chart that compiles, and changes to it.

const yes = (): boolean => true
const soon = (): number => 1
const count = ({ context }: { context: { count: number } }): object => ({ count: context.count + 1 })
const say = (_: unknown, { word }: { word: string }): object => ({ word })
const socket = (): object => ({})
const logic = { yes, soon, count, say, socket }

const parts = setup({
  actors: { socket: fromCallback(() => {}), other: fromCallback(() => {}) },
  actions: {
    ring: () => {},
    count: assign(count as never),
    say: assign(say as never),
    double: assign(() => ({ count: 2 })) as never,
    shout: { type: 'xstate.emit' } as never,
  },
  guards: { yes, no: () => false },
  delays: { soon, later: () => 2 },
})

type Config = Record<string, unknown>

/** `off`, the initial state, and `on`, which invokes the actor and has regions. */
const base = (off: Config = {}, on: Config = {}, left: Config = {}, root: Config = {}): AnyStateMachine =>
  parts.createMachine({
    id: 'test',
    context: { count: 0 },
    initial: 'off',
    ...root,
    states: {
      off: { tags: 'off', on: { START: { target: 'on', actions: ['count', 'ring'] } }, ...off },
      on: {
        tags: 'on',
        entry: { type: 'say', params: { word: 'hello' } },
        invoke: { src: 'socket', input: socket },
        type: 'parallel',
        on: { STOP: { guard: 'yes', target: 'off' } },
        states: {
          left: { initial: 'one', states: { one: { after: { soon: 'two' } }, two: {} }, ...left },
          right: { id: 'right', initial: 'a', states: { a: { on: { NEXT: 'b' } }, b: {} } },
        },
        ...on,
      },
    },
  } as never) as unknown as AnyStateMachine

const compile = (machine: AnyStateMachine): CompiledChart => compileChart(machine, logic)

describe('a chart with only supported features', () => {
  const chart = compile(base())

  test('has its states in document order, and sets of them as masks', () => {
    expect(chart.names).toEqual(['test', 'off', 'on', 'left', 'one', 'two', 'right', 'a', 'b'])
    expect(chart.parents).toEqual([-1, 0, 0, 2, 3, 3, 2, 6, 6])
    expect(chart.initial).toBe(0b11)
    expect(chart.invoking).toBe(0b100)
    expect([...chart.tags]).toEqual([
      ['off', 0b10],
      ['on', 0b100],
    ])
  })

  test('leaves only states that can be active, and enters those that belong to its target', () => {
    expect(chart.events.get('START')).toEqual([
      { source: 1, guard: '0', scope: 0b10, entered: 0b0_1101_1100, actions: ['count', "'ring'"] },
    ])
    expect(chart.events.get('STOP')).toEqual([
      { source: 2, guard: 'yes', scope: 0b1_1111_1100, entered: 0b10, actions: [] },
    ])
    expect(chart.delays.get(4)).toEqual({
      delay: 'soon',
      rows: [{ source: 4, guard: '0', scope: 0b1_0000, entered: 0b10_0000, actions: [] }],
    })
  })

  test('has an update that depends only on its parameters as the computed value', () => {
    expect([...chart.entries]).toEqual([[2, ['{"word":"hello"}']]])
    expect(chart.used).toEqual(['count', 'socket', 'soon', 'yes'])
  })

  test('is evaluated from the innermost state outwards, as in XState', () => {
    const nested = compile(base({}, {}, { on: { STOP: '.two' } }))
    expect(nested.events.get('STOP')!.map(({ source }) => chart.names[source])).toEqual(['left', 'on'])
  })

  test('stays in a state that handles an event without a target', () => {
    const { events } = compile(base({ on: { START: {} } }))
    expect(events.get('START')).toEqual([{ source: 1, guard: '0', scope: 0, entered: 0, actions: [] }])
  })

  test('reenters a state if its transition says so, and otherwise only its descendants', () => {
    const one = (on: Config): AnyStateMachine =>
      base({}, {}, { states: { one: { initial: 'x', states: { x: {}, y: {} }, on }, two: {} } })
    // States 4, 5 and 6 are `one`, `x` and `y`.
    expect(compile(one({ AGAIN: { target: 'one', reenter: true } })).events.get('AGAIN')).toMatchObject([
      { scope: 0b111_0000, entered: 0b11_0000 },
    ])
    for (const target of ['one', '.x']) {
      expect(compile(one({ INSIDE: target })).events.get('INSIDE')).toMatchObject([
        { scope: 0b110_0000, entered: 0b10_0000 },
      ])
    }
  })
})

const many = Object.fromEntries(Array.from({ length: 30 }, (_, number) => [`s${number}`, {}]))

const refused: readonly (readonly [what: string, machine: () => AnyStateMachine, message: RegExp])[] = [
  [
    'a history state',
    () => base({}, {}, { states: { one: { after: { soon: 'two' } }, two: {}, h: { type: 'history' } } }),
    /on\.left\.h is a history state/,
  ],
  [
    'a final state',
    () => base({}, {}, { states: { one: {}, two: { type: 'final' } } }),
    /on\.left\.two is a final state/,
  ],
  ['an eventless transition', () => base({ always: { target: 'on', guard: 'no' } }), /off has eventless transitions/],
  ['exit actions', () => base({ exit: 'ring' }), /off has exit actions/],
  [
    'actions on an initial transition',
    () => base({}, {}, { initial: { target: 'one', actions: 'ring' } }),
    /on\.left has actions on its initial transition/,
  ],
  ['several tags', () => base({ tags: ['one', 'two'] }), /off has several tags/],
  ['a tag inside a state that has one', () => base({}, {}, { tags: 'left' }), /on\.left has a tag inside/],
  [
    'several delays',
    () => base({}, {}, { states: { one: { after: { soon: 'two', later: 'two' } }, two: {} } }),
    /on\.left\.one has several delays/,
  ],
  [
    'a delay without a name',
    () => base({}, {}, { states: { one: { after: { 5: 'two' } }, two: {} } }),
    /on\.left\.one has a delay without a name/,
  ],
  ['an output', () => base({}, {}, {}, { output: { a: 1 } }), /the root has an output/],
  ['a wildcard', () => base({ on: { '*': 'on' } }), /off answers \*, a wildcard/],
  ['a partial wildcard', () => base({ on: { 'socket.*': 'on' } }), /off answers socket\.\*, a wildcard/],
  [
    'an event of XState',
    () => base({}, { invoke: { src: 'socket', id: 'socket', input: socket, onDone: 'off' } }),
    /on answers xstate\.done\.actor\.socket, an event of XState/,
  ],
  [
    'an error of the actor',
    () => base({}, { invoke: { src: 'socket', id: 'socket', input: socket, onError: 'off' } }),
    /on answers xstate\.error\.actor\.socket, an event of XState/,
  ],
  [
    'entry actions that are active from the start',
    () => base({ entry: 'ring' }),
    /off has entry actions and is active from the start/,
  ],
  [
    'a delay that is active from the start',
    () => base({ after: { soon: 'on' } }),
    /off has a delay and is active from the start/,
  ],
  [
    'an actor that is active from the start',
    () => base({ invoke: { src: 'other', input: socket } }),
    /off invokes an actor and is active from the start/,
  ],
  ['no actor', () => base({}, { invoke: [] }), /the root invokes no actor/],
  [
    'two actors of one state',
    () =>
      base(
        {},
        {
          invoke: [
            { src: 'socket', input: socket },
            { src: 'other', input: socket },
          ],
        },
      ),
    /on invokes several actors/,
  ],
  [
    'two states with actors',
    () => base({}, {}, { invoke: { src: 'other', input: socket } }),
    /on\.left invokes an actor as well as on/,
  ],
  [
    'an actor without a name',
    () => base({}, { invoke: { src: fromCallback(() => {}), input: socket } }),
    /on invokes an actor without a name/,
  ],
  [
    'an input that is no function of the logic',
    () => base({}, { invoke: { src: 'socket', input: () => ({}) } }),
    /on gives its actor an input that is no function of the logic/,
  ],
  [
    'a delay around the actor',
    () => base({}, { after: { soon: 'off' } }),
    /on has a delay and is, or is around, the state that invokes/,
  ],
  [
    'several targets',
    () => base({ on: { START: { target: ['on.left.two', 'on.right.b'] } } }, {}, {}),
    /off has several targets at START/,
  ],
  [
    'a transition from region to region',
    () => base({}, {}, { states: { one: { on: { JUMP: { target: '#right' } } }, two: {} } }),
    /on\.left\.one begins a region anew, or goes from one to another, at JUMP/,
  ],
  [
    'a transition that leaves the root',
    () => base({}, {}, {}, { on: { ALL: { target: '#test', reenter: true } } }),
    /the root leaves the root at ALL/,
  ],
  [
    'two regions that answer one event',
    () => base({}, {}, { on: { NEXT: '.two' } }),
    /on has two regions that answer NEXT/,
  ],
  [
    'a guard that is not just a name',
    () => base({ on: { START: { target: 'on', guard: () => true } } }),
    /off has a guard that is not just a name/,
  ],
  [
    'a guard with parameters',
    () => base({ on: { START: { target: 'on', guard: { type: 'yes', params: {} } } } }),
    /off has a guard that is not just a name/,
  ],
  [
    'a guard that is not in the logic',
    () => base({ on: { START: { target: 'on', guard: 'no' } } }),
    /off uses no, which is not the function of that name/,
  ],
  [
    'a delay that is not in the logic',
    () => base({}, {}, { states: { one: { after: { later: 'two' } }, two: {} } }),
    /on\.left\.one uses later, which is not the function of that name/,
  ],
  [
    'an update that is not in the logic',
    () => base({ on: { START: { target: 'on', actions: 'double' } } }),
    /off uses double, which is not the function of that name/,
  ],
  [
    'an action without a name',
    () => base({ on: { START: { target: 'on', actions: () => {} } } }),
    /off has an action without a name/,
  ],
  [
    'an action that is implemented nowhere',
    () => base({ on: { START: { target: 'on', actions: 'nowhere' } } }),
    /off has the action nowhere, which is implemented nowhere/,
  ],
  [
    'an action of XState other than assign',
    () => base({ on: { START: { target: 'on', actions: 'shout' } } }),
    /off has the action shout, which is xstate\.emit/,
  ],
  [
    'an effect with parameters',
    () => base({ on: { START: { target: 'on', actions: { type: 'ring', params: {} } } } }),
    /off gives parameters to the effect ring/,
  ],
  [
    'an update with parameters that depends on more',
    () => base({ on: { START: { target: 'on', actions: { type: 'count', params: {} } } } }),
    /off has the action count, which depends on more than its parameters/,
  ],
  [
    'a region without states',
    () => base({}, {}, { initial: undefined, states: {} }),
    /on\.left is a region without states/,
  ],
  [
    'more states than a mask has bits',
    () => base({ initial: 's0', states: many }),
    /the root has 39 states in it, more than 30/,
  ],
]

describe('the compiler rejects features unknown to the interpreter and names the state:', () => {
  test.each(refused)('%s', (_, machine, message) => {
    expect(() => compile(machine())).toThrow(message)
    expect(() => compile(machine())).toThrow(
      /^The chart cannot be compiled: .*, which the interpreter does not implement$/,
    )
  })
})

test('the compiler rejects a chart of another kind', () => {
  const machine = createMachine({ id: 'plain', initial: 'a', states: { a: {} } })
  expect(() => compile(machine)).toThrow('invokes no actor')
})
