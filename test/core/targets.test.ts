import { describe, expect, test } from 'vitest'
import { Attempt } from '../../src/core/attempt.js'
import { makeError, Refused } from '../../src/core/errors.js'
import type { UrlSource } from '../../src/core/target/provider.types.js'
import { settle } from '../../src/tools/testing/clock.js'
import type { Target, Transport } from '../../src/core/transport.js'
import { scripted } from './support/scripted.js'

// An attempt without the feature that validates the app's values.

const url = 'ws://server.test/x'

async function dial(
  source: UrlSource,
  options: { transport?: Transport; protocols?: string[] } = {},
): Promise<{ attempt: Attempt; targets: Partial<Target>[] }> {
  const { core, transport } = scripted({ url: source, ...options })
  const attempt = (core.attempt = new Attempt(7, core))
  await attempt.start()
  return { attempt, targets: transport.sockets.map(({ target }): Partial<Target> => target) }
}

describe('the dialed address', () => {
  test.each<[string, UrlSource, Partial<Target>]>([
    ['a URL', url, { url, protocols: [], headers: {} }],
    ['the URL that a function returns', () => url, { url, protocols: [], headers: {} }],
    ['the URL that it resolves with', () => Promise.resolve(url), { url, protocols: [], headers: {} }],
    ['a URL object, as text', () => new URL(url), { url, protocols: [], headers: {} }],
    ['a target with one protocol', () => ({ url, protocols: 'chat' }), { url, protocols: ['chat'], headers: {} }],
    ['a target with protocols', () => ({ url, protocols: ['a', 'b'] }), { url, protocols: ['a', 'b'] }],
    ['a target with headers', () => ({ url, headers: { a: 'b' } }), { url, protocols: [], headers: { a: 'b' } }],
  ])('is %s', async (_, source, expected) => {
    const { targets } = await dial(source)
    expect(targets).toEqual([expect.objectContaining({ ...expected, binaryType: 'arraybuffer' })])
  })

  test('has the protocols of the options unless the function returns its own', async () => {
    expect((await dial(url, { protocols: ['chat'] })).targets[0]).toMatchObject({ protocols: ['chat'] })
    expect((await dial(() => ({ url }), { protocols: ['a', 'b'] })).targets[0]).toMatchObject({ protocols: ['a', 'b'] })
    expect((await dial(() => ({ url, protocols: 'own' }), { protocols: ['chat'] })).targets[0]).toMatchObject({
      protocols: ['own'],
    })
  })
})

describe('a URL function that fails', () => {
  const fault = new Error('no token')

  test('fails the attempt with the cause', async () => {
    const { attempt, targets } = await dial(() => Promise.reject(fault))
    expect(attempt.failure).toMatchObject({ error: { code: 'ERR_PROVIDER', cause: fault }, fatal: false })
    expect(targets).toEqual([])
  })

  test('fails the attempt as usual with an error of another connection', async () => {
    const ended = makeError('ERR_ENDED', 'ended-aborted', ['open()'])
    const { attempt } = await dial(() => Promise.reject(ended))
    expect(attempt.failure).toMatchObject({ error: { code: 'ERR_PROVIDER', cause: ended }, fatal: false })
  })

  test('ends the connection if it fails with a refusal', async () => {
    const refused = new Refused('signed out')
    const { attempt } = await dial(() => {
      throw refused
    })
    expect(attempt.failure).toMatchObject({ error: { code: 'ERR_REFUSED', cause: refused }, fatal: true })
    expect(attempt.failure!.error.message).not.toContain('signed out')
  })
})

test.each<[string, () => unknown]>([
  ['undefined', () => undefined],
  ['null', () => null],
  ['an empty object', () => ({})],
  ['a string', () => 'socket'],
  ['a promise', () => Promise.reject(new Error('late'))],
  ['an object that cannot be abandoned', () => ({ abandon: true })],
])(
  'a transport that returns %s instead of a socket fails the attempt, and its rejection is handled',
  async (_, connect) => {
    const { attempt } = await dial(url, { transport: { connect } as unknown as Transport })
    await settle()
    expect(attempt.failure).toMatchObject({ error: { code: 'ERR_TRANSPORT', cause: expect.any(TypeError) as unknown } })
    expect(attempt.socket).toBeUndefined()
  },
)

test('a socket that is also a promise is rejected', async () => {
  const socket = Object.assign(Promise.resolve(), { abandon() {} })
  const { attempt } = await dial(url, { transport: { connect: () => socket } as unknown as Transport })
  expect(attempt.failure).toMatchObject({ error: { code: 'ERR_TRANSPORT' } })
})
