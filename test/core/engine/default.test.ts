import { expect, test } from 'vitest'
import { CompiledEngine } from '../../../src/core/engine/compiled.js'
import { XStateEngine } from '../../../src/xstate/engine.js'
import { setup } from '../../support/setup.js'

// Runs in two projects of vitest.config.ts; one of them replaces the module of the default engine.
const isReplaced = process.env['DEFAULT_ENGINE'] === 'xstate'
const [name, engine, session] = isReplaced
  ? (['XState', XStateEngine, /^x:\d+$/] as const)
  : (['the compiled chart', CompiledEngine, /^c:\d+$/] as const)

test(`a connection without an engine option runs on ${name}`, async () => {
  const { connection, accept } = setup()
  await accept()
  const sessions = new Set<string>()
  connection.inspect(({ rootId }) => sessions.add(rootId))()
  connection.inspect(({ rootId }) => sessions.add(rootId))
  expect([...sessions]).toEqual([expect.stringMatching(session)])
})

test(`the default engine is that of ${name}`, async () => {
  const { defaultEngine } = await import('../../../src/core/engine/default.js')
  const host = { effect() {}, dispose() {} } as never
  const timers = { setTimeout: () => 0, clearTimeout() {} }
  expect(defaultEngine(host, timers)).toBeInstanceOf(engine)
})
