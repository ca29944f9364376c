import { describe, expect, it } from 'vitest'
import { faultList } from '../../../src/tools/cli/lab/faults.js'
import { parseOrder } from '../../../src/tools/cli/lab/commands.js'

describe('an order from the page', () => {
  it.each(faultList.map((fault) => [fault.name, fault] as const))('strikes with %s by its name', (name, fault) => {
    const order = { act: 'strike', sides: ['browser', 'node'], fault: name }
    expect(parseOrder(JSON.stringify(order))).toEqual({ act: 'strike', sides: ['browser', 'node'], fault })
  })

  it.each(['open', 'close', 'reconnect', 'lost'])('asks for %s, and nothing else comes along', (act) => {
    expect(parseOrder(JSON.stringify({ act, url: 'ws://elsewhere' }))).toEqual({ act })
  })

  it('heals the sides that it names', () => {
    expect(parseOrder('{"act":"heal","sides":["node"]}')).toEqual({ act: 'heal', sides: ['node'] })
  })

  it.each([
    '',
    'null',
    '{',
    '[]',
    '"open"',
    '{"act":"constructor"}',
    '{"act":"heal"}',
    '{"act":"heal","sides":"node"}',
    '{"act":"heal","sides":["moon"]}',
    '{"act":"strike","sides":["node"]}',
    '{"act":"strike","sides":["node"],"fault":"earthquake"}',
    '{"act":"strike","sides":["node"],"fault":{"name":"reset"}}',
  ])('that nobody here would give is none: %s', (text) => {
    expect(parseOrder(text)).toBeUndefined()
  })
})
