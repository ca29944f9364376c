import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Core } from '../../src/core/core.js'
import { Events } from '../../src/core/events.js'
import { makeError } from '../../src/core/errors.js'
import { settle } from '../../src/tools/testing/clock.js'

let printed: unknown[]
beforeEach(() => {
  printed = []
  vi.spyOn(console, 'error').mockImplementation((...all) => void printed.push(...all))
})
afterEach(() => {
  vi.restoreAllMocks()
})

function listening(prune?: () => void): { events: Events; failed: unknown[] } {
  const failed: unknown[] = []
  const fail: Core['fail'] = (code, what, cause) => void failed.push([code, what, cause])
  const core = { fail, listening: prune === undefined ? undefined : { prune } } as unknown as Core
  return { events: new Events(core), failed }
}

const error = makeError('ERR_ENCODE', 'encode-threw', [])

describe('an event', () => {
  test('reaches the listeners of its type, and no others, until they are removed', () => {
    const { events } = listening()
    const received: unknown[] = []
    const off = events.add('open', (event) => void received.push(['open', event]))
    events.add('close', (event) => void received.push(['close', event]))
    events.emit('open', 1)
    off()
    events.emit('open', 2)
    events.emit('close', 3)
    events.emit('state', 4)
    expect(received).toEqual([
      ['open', 1],
      ['close', 3],
    ])
  })

  test('of a message has its own listener list', () => {
    const { events } = listening()
    const received: unknown[] = []
    events.add('message', (event) => void received.push(event))
    events.messages.emit('direct')
    events.emit('message', 'by type')
    expect(received).toEqual(['direct'])
  })

  test('that may be outdated is requested before each listener, and only if there is one', () => {
    const { events } = listening()
    const received: unknown[] = []
    events.emitCurrent('state', () => expect.unreachable())
    let current = 0
    events.add('state', (event) => void received.push(event))
    events.add('state', (event) => void received.push(event))
    events.emitCurrent('state', () => ++current)
    expect(received).toEqual([1, 2])
  })

  test('has no listeners after those of aborted signals are removed', () => {
    let off = (): void => {}
    const { events } = listening(() => off())
    expect(events.has('close')).toBe(false)
    const remove = events.add('close', () => {})
    expect([events.has('close'), events.has('open')]).toEqual([true, false])
    off = remove
    expect(events.has('close')).toBe(false)
  })
})

describe('a listener that throws or rejects', () => {
  test('is reported, and the next one is called', async () => {
    const { events, failed } = listening()
    const received: unknown[] = []
    events.add('open', () => {
      throw new Error('thrown')
    })
    events.add('open', () => Promise.reject(new Error('rejected')))
    events.add('open', (event) => void received.push(event))
    events.emit('open', 1)
    await settle()
    expect(received).toEqual([1])
    expect(failed).toEqual([
      ['ERR_LISTENER', "a 'open' listener", new Error('thrown')],
      ['ERR_LISTENER', "a 'open' listener", new Error('rejected')],
    ])
    expect(printed).toEqual([])
  })

  test('is reported with its type, even for messages', () => {
    const { events, failed } = listening()
    events.add('message', () => {
      throw new Error('thrown')
    })
    events.messages.emit(1)
    expect(failed).toEqual([['ERR_LISTENER', "a 'message' listener", new Error('thrown')]])
  })

  test('of errors is printed and not reported to itself', () => {
    const { events, failed } = listening()
    events.add('error', () => {
      throw new Error('thrown')
    })
    events.emit('error', error)
    expect(failed).toEqual([])
    expect(printed).toHaveLength(1)
  })

  test('is guarded when called directly', () => {
    const { events, failed } = listening()
    const received: unknown[] = []
    events.call('fate', (fate) => received.push(fate), 'dropped')
    events.call(
      'fate',
      () => {
        throw new Error('thrown')
      },
      'dropped',
    )
    expect(received).toEqual(['dropped'])
    expect(failed).toEqual([['ERR_LISTENER', "a 'fate' listener", new Error('thrown')]])
    expect(events.has('fate')).toBe(false)
  })
})

describe('an error', () => {
  test('goes to the error listeners and is not printed', () => {
    const { events } = listening()
    const received: unknown[] = []
    events.add('error', (event) => void received.push(event))
    events.report(error)
    expect(received).toEqual([error])
    expect(printed).toEqual([])
  })

  test('is printed if there is no error listener', () => {
    const { events } = listening()
    events.report(error)
    expect(printed).toHaveLength(1)
  })
})
