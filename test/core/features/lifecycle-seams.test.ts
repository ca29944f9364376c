// The environments in docs/runtimes.md for places without a window: the code of the page, run on fakes of its event
// sources.
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { createConnection, fixedBackoff, textHeartbeat, type Environment } from '../../../src/index.js'
import { settle, TestClock } from '../../../src/tools/testing/clock.js'
import { FakeTransport } from '../../../src/tools/testing/transport.js'

const page = readFileSync(join(import.meta.dirname, '../../../docs/runtimes.md'), 'utf8')

/** A function of the page. */
async function load(name: string): Promise<(...args: unknown[]) => Environment> {
  const block = [...page.matchAll(/```ts\n(.*?)```/gs)]
    .map(([, code]) => code!)
    .find((code) => code.includes(`function ${name}(`))
  const { code } = await transform(block!, { loader: 'ts', format: 'esm' })
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as Record<string, unknown>
  return module[name] as (...args: unknown[]) => Environment
}

/** An open connection in that environment. */
async function connected(environment: Environment) {
  const clock = new TestClock()
  const transport = new FakeTransport()
  const heartbeat = textHeartbeat({ interval: 60_000, ping: 'ping', pong: 'pong' })
  const options = { clock, transport, environment, heartbeat, backoff: fixedBackoff(60_000), random: () => 0.5 }
  const connection = createConnection('ws://server.test/', options)
  await settle()
  transport.last.accept()
  await settle()
  return { connection, clock, transport }
}

describe('React Native', () => {
  async function phone() {
    const app = new EventEmitter()
    const net = new EventEmitter()
    const on = (emitter: EventEmitter, listener: () => void): (() => void) => {
      emitter.on('change', listener)
      return () => void emitter.off('change', listener)
    }
    const AppState = { addEventListener: (_: string, listener: () => void) => ({ remove: on(app, listener) }) }
    const NetInfo = { addEventListener: (listener: () => void) => on(net, listener) }
    const environment = (await load('reactNative'))(AppState, NetInfo)
    return { environment, app, net }
  }

  test('probes the link when it comes to the foreground, and a returning network shortens a wait', async () => {
    const { environment, app, net } = await phone()
    const { connection, clock, transport } = await connected(environment)
    app.emit('change', 'background')
    expect(transport.last.sent).toEqual([])
    app.emit('change', 'active')
    expect(transport.last.sent).toEqual(['ping'])
    net.emit('change', { isConnected: false })
    transport.last.end()
    expect([environment.online(), connection.state]).toEqual([false, 'backoff'])
    net.emit('change', { isConnected: true })
    await clock.advance(1_000)
    expect([environment.online(), transport.sockets.length]).toEqual([true, 2])
  })

  test('ignores the initial report of a connected network, and everything after the end', async () => {
    const { environment, app, net } = await phone()
    const { connection, transport } = await connected(environment)
    net.emit('change', { isConnected: null })
    expect(transport.last.sent).toEqual([])
    void connection.close()
    transport.last.end({ code: 1000 })
    expect([app.listenerCount('change'), net.listenerCount('change')]).toEqual([0, 0])
  })
})

test('Electron probes its link when the machine wakes', async () => {
  const powerMonitor = new EventEmitter()
  const environment = (await load('electron'))(powerMonitor, { isOnline: () => true })
  const { connection, transport } = await connected(environment)
  powerMonitor.emit('suspend')
  expect(transport.last.sent).toEqual([])
  powerMonitor.emit('resume')
  expect(transport.last.sent).toEqual(['ping'])
  void connection.close()
  transport.last.end({ code: 1000 })
  expect(powerMonitor.eventNames()).toEqual([])
})

test('a Node process probes its link when it continues after a stop', async () => {
  const process = new EventEmitter()
  const { connection, transport } = await connected((await load('signals'))(process))
  process.emit('SIGCONT')
  expect(transport.last.sent).toEqual(['ping'])
  void connection.close()
  transport.last.end({ code: 1000 })
  expect(process.eventNames()).toEqual([])
})
