// Which builds contain the checks of factories. Runs the built package: npm run build
import { join } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import * as full from '../../src/core/factory-checks/full.js'
import * as none from '../../src/core/factory-checks/none.js'

const dist = join(import.meta.dirname, '../../dist/src')

type Entry = typeof import('../../src/index.js')

/** The package as bundled under these conditions. */
async function bundled(...conditions: string[]): Promise<Entry> {
  const { outputFiles } = await build({
    stdin: { contents: `export * from '${dist}/index.js'`, resolveDir: dist },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    conditions,
    external: ['node:*'],
  })
  return (await import(`data:text/javascript,${encodeURIComponent(outputFiles[0]!.text)}`)) as Entry
}

const wrong: Readonly<Record<string, (entry: Entry) => unknown>> = {
  fixed: ({ fixedBackoff }) => fixedBackoff(-1),
  sequence: ({ sequenceBackoff }) => sequenceBackoff([-1]),
  fullJitter: ({ fullJitter }) => fullJitter({ floor: NaN }),
  equalJitter: ({ equalJitter }) => equalJitter({ base: 0 }),
  decorrelatedJitter: ({ decorrelatedJitter }) => decorrelatedJitter({ cap: 1 }),
  textHeartbeat: ({ textHeartbeat }) => textHeartbeat({ ping: 'a', pong: 'b', timeout: -1 }),
  protocolPing: ({ protocolPing }) => protocolPing({ interval: 0 }),
  serverPing: ({ serverPing }) => serverPing({ answer: 'b' }),
  webSocketTransport: ({ webSocketTransport }) => webSocketTransport({ WebSocket: 5 as never }),
}

describe('a factory', () => {
  it.each([
    ['node', 'production'],
    ['development', 'browser'],
    ['workerd', 'browser'],
  ])('rejects invalid options at once with the conditions %s and %s', async (...conditions) => {
    const entry = await bundled(...conditions)
    for (const make of Object.values(wrong)) expect(() => make(entry)).toThrow(entry.ConnectionError)
  })

  it("checks nothing in a browser's production bundle", async () => {
    const entry = await bundled('browser', 'production')
    for (const make of Object.values(wrong)) expect(() => make(entry)).not.toThrow()
  })

  it('returns the same there', async () => {
    const entries = [await bundled('node'), await bundled('browser')]
    const [here, there] = entries.map(({ fixedBackoff, fullJitter, protocolPing, serverPing, textHeartbeat }) => {
      const input = { attempt: 3, previous: undefined, random: () => 0.5 }
      const heartbeats = [
        protocolPing({ when: 'always' }),
        textHeartbeat({ ping: 'a', pong: 'b', withhold: false }),
        serverPing({ ping: 'a', answer: 'b', interval: 3_000 }),
      ]
      return {
        delays: [fixedBackoff(7)(input), fullJitter({ floor: 5 })(input)],
        profiles: heartbeats.map((each) => JSON.stringify(each, Object.keys(each).sort())),
        kinds: heartbeats.map(({ classify }) => [classify?.('a'), classify?.('b'), classify?.('c')]),
      }
    })
    expect(there).toEqual(here)
  })

  it('has the same checks by name, all of them empty', () => {
    expect(Object.keys(none).sort()).toEqual(Object.keys(full).sort())
    expect(none.bag('x', 5, [])).toBe(5)
  })
})

describe("createConnection in a browser's production bundle", () => {
  it('rejects options that a factory did not check', async () => {
    const { ConnectionError, createConnection, textHeartbeat } = await bundled('browser')
    const heartbeat = textHeartbeat({ ping: 'a', pong: 'b', timeout: -1 })
    expect(() => createConnection('ws://localhost/', { heartbeat })).toThrow(ConnectionError)
  })
})
