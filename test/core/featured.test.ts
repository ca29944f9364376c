import { describe, expect, test } from 'vitest'
import type { Core } from '../../src/core/core.js'
import type { AnyFeature, Moments } from '../../src/core/feature.js'
import { linked } from './support/linked.js'

const named = (name: string, part: object = {}, more: object = {}): AnyFeature =>
  ({ name, attach: () => part, ...more }) as AnyFeature

const coreOf = (...features: AnyFeature[]): Core => linked(features, { autoOpen: false }).core

const refusal = (...features: AnyFeature[]): unknown => {
  try {
    coreOf(...features)
  } catch (thrown) {
    return (thrown as { code?: unknown }).code
  }
  return undefined
}

describe('a set of features', () => {
  test('finds each by its name', () => {
    const [one, other] = [{ mark: 1 }, { mark: 2 }]
    const core = coreOf(named('one', one), named('other', other))
    expect([core.part('one'), core.part('other'), core.part('none')]).toEqual([one, other, undefined])
  })

  test('has the needed ones first', () => {
    const needy = named('needy', {}, { needs: ['a', 'b'] })
    const [a, b] = [named('a'), named('b')]
    expect(refusal(a, b, needy)).toBeUndefined()
    for (const features of [[needy], [a, needy], [needy, a, b], [a, needy, b]]) {
      expect(refusal(...features), features.map(({ name }) => name).join()).toBe('ERR_OPTION')
    }
  })

  test('accepts independent ones in any order', () => {
    expect(refusal(named('a', {}, { needs: [] }), named('b'))).toBeUndefined()
  })

  test.each([
    'codec',
    'framing',
    'queue',
    'heartbeat',
    'preparation',
    'patience',
    'address',
    'listening',
    'pressure',
    'environment',
    'zone',
  ] as const)('fills the role %s once', (role) => {
    const given = { interval: 1_000, timeout: 1_000, ping: 'none', clear() {}, size: 0 }
    const one = named('one', { [role]: given })
    expect(coreOf(one, named('other'))[role]).toBe(given)
    expect(refusal(one, named('other', { [role]: { ...given } }))).toBe('ERR_OPTION')
  })
})

describe('each()', () => {
  const asked = (core: Core): string[] => {
    const names: string[] = []
    core.each('onSettled', (part) => void names.push((part as { name?: string }).name ?? ''))
    return names
  }
  const settled = (name: string): Moments => ({ name, onSettled() {} }) as unknown as Moments

  test('calls the features with that moment, in order', () => {
    const core = coreOf(named('a', settled('a')), named('b'), named('c', settled('c')))
    expect(asked(core)).toEqual(['a', 'c'])
    const off = core.use(settled('late'))
    expect(asked(core)).toEqual(['a', 'c', 'late'])
    off()
    off()
    expect(asked(core)).toEqual(['a', 'c'])
  })

  test('skips one that another has removed, and one added meanwhile', () => {
    const core = coreOf(named('a', settled('a')))
    const off = core.use(settled('removed'))
    const names: string[] = []
    core.each('onSettled', (part) => {
      names.push((part as unknown as { name: string }).name)
      off()
      core.use(settled('added'))
    })
    expect(names).toEqual(['a'])
  })

  test('does not remove another use of the same object', () => {
    const core = coreOf()
    const moments = settled('twice')
    const off = core.use(moments)
    core.use(moments)
    off()
    off()
    expect(asked(core)).toEqual(['twice'])
  })
})

test('every feature is notified of a delivered message, whatever one of them returns', async () => {
  const calls: unknown[] = []
  const delivered = (name: string): AnyFeature =>
    named(name, {
      onDelivered(message: unknown) {
        calls.push([name, message])
        return true
      },
    })
  const { accept } = linked([delivered('one'), delivered('other')])
  const socket = await accept()
  socket.message('x')
  expect(calls).toEqual([
    ['one', 'x'],
    ['other', 'x'],
  ])
})
