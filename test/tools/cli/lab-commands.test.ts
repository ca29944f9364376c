import { describe, expect, it } from 'vitest'
import { faultList } from '../../../src/tools/cli/lab/faults.js'
import { parseCommand } from '../../../src/tools/cli/lab/protocol.js'

describe('a command from the page', () => {
  it.each(faultList.map((fault) => [fault.name, fault] as const))('injects %s by name', (name, fault) => {
    const command = { act: 'inject', sides: ['browser', 'node'], fault: name }
    expect(parseCommand(JSON.stringify(command))).toEqual({ act: 'inject', sides: ['browser', 'node'], fault })
  })

  it.each(['open', 'close', 'reconnect', 'link-lost'])('%s is accepted, without its other fields', (act) => {
    expect(parseCommand(JSON.stringify({ act, url: 'ws://elsewhere' }))).toEqual({ act })
  })

  it.each(['kill-node', 'start-node'])('%s names a node', (act) => {
    expect(parseCommand(JSON.stringify({ act, node: 'B', url: 'ws://elsewhere' }))).toEqual({ act, node: 'B' })
    for (const node of [undefined, 'C', 'constructor', ['A']])
      expect(parseCommand(JSON.stringify({ act, node }))).toBeUndefined()
  })

  it('heals the sides it names', () => {
    expect(parseCommand('{"act":"heal","sides":["node"]}')).toEqual({ act: 'heal', sides: ['node'] })
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
    '{"act":"inject","sides":["node"]}',
    '{"act":"inject","sides":["node"],"fault":"earthquake"}',
    '{"act":"inject","sides":["node"],"fault":{"name":"reset"}}',
  ])('is rejected if invalid: %s', (text) => {
    expect(parseCommand(text)).toBeUndefined()
  })
})
