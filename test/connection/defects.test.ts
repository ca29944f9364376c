import { beforeEach, describe, expect, test, vi } from 'vitest'
import { CoreChartHost } from '../../src/core/chart-host.js'
import { protocolPing } from '../../src/core/policies/heartbeat.js'
import { settle } from '../../src/tools/testing/clock.js'
import { setup } from '../support/setup.js'
import { watchEscapes } from './support/life.js'

/** The part of the chart that this test breaks. */
const broken = vi.hoisted(() => ({ part: '' }))

const { effect } = CoreChartHost.prototype

function check(name: string): void {
  if (name === broken.part) throw new Error(`${name} is broken`)
}

// Both engines call the functions of the chart logic, and the host for effects.
vi.mock('../../machines/connection.logic.js', async (original) => {
  const parts = await original<Record<string, (...rest: unknown[]) => unknown>>()
  const breakable = Object.entries(parts).map(([name, part]) => [
    name,
    (...rest: unknown[]) => {
      check(name)
      return part(...rest)
    },
  ])
  return Object.fromEntries(breakable) as object
})

vi.spyOn(CoreChartHost.prototype, 'effect').mockImplementation(function (this: CoreChartHost, name) {
  check(name)
  effect.call(this, name)
})

let escapes: ReturnType<typeof watchEscapes>

beforeEach(() => {
  broken.part = ''
  escapes = watchEscapes()
})

const parts = [
  'connectTimeout',
  'current',
  'prepare',
  'announceOpen',
  'stableAfter',
  'checkInterval',
  'heard',
  'paused',
  'ping',
  'timeout',
  'canPing',
  'probe',
  'grace',
  'decideRetry',
  'wait',
  'ownDelay',
  'dialledOffline',
  'startClosing',
  'closeTimeout',
  'settle',
] as const

describe('an internal error of the chart', () => {
  test.each(parts)(
    'in %s drops the socket, ends the connection with ERR_INTERNAL and leaves no timer or socket behind',
    async (part) => {
      const { connection, clock, transport, environment, of } = setup({
        heartbeat: protocolPing({ interval: 20_000, timeout: 10_000 }),
        stableAfter: 1_000,
      })
      const ended = connection.ended()
      const reading = connection.messages().next()
      reading.catch(() => {})
      const signal = async (...signals: Parameters<typeof environment.emit>): Promise<void> => {
        environment.emit(...signals)
        await settle()
      }
      const steps: (() => unknown)[] = [
        () => settle(),
        () => transport.last.accept(),
        () => signal('visible'),
        () => transport.last.pong(),
        () => clock.advance(20_500),
        () => signal('online'),
        () => clock.advance(10_000),
        () => signal('online'),
        () => clock.advance(1_000),
        () => signal('online'),
        () => transport.last.accept(),
        () => connection.reconnect(),
        () => transport.last.accept(),
        () => void connection.close(),
        () => clock.advance(2_000),
      ]
      // The state that the first attempt set up is still valid.
      broken.part = part
      connection.reconnect()
      for (const step of steps) {
        await step()
        await settle()
        if (connection.status.why === 'internal') break
      }
      expect(connection.status).toMatchObject({ state: 'ended', why: 'internal', readyState: 3, willRetry: false })
      expect(transport.alive).toBe(0)
      expect(clock.pending).toBe(0)
      expect(environment.listeners.size).toBe(0)
      expect(of('error')).toMatchObject([
        { code: 'ERR_INTERNAL', cause: { message: expect.stringContaining(`${part} is broken`) as unknown } },
      ])
      expect(of('state').at(-1)).toBe(connection.status)
      await ended
      await connection.close()
      const events = { code: 'ERR_ENDED', cause: { code: 'ERR_INTERNAL' } }
      await expect(connection.opened()).rejects.toMatchObject(events)
      await expect(reading).rejects.toMatchObject(events)
      for (const command of ['open', 'reconnect'] as const) {
        expect(() => connection[command]()).toThrow(expect.objectContaining({ code: 'ERR_INTERNAL' }))
      }
      expect(() => connection.markHealthy()).not.toThrow()
      const dialled = transport.sockets.length
      await clock.advance(120_000)
      expect(transport.sockets).toHaveLength(dialled)
      await escapes.stop()
      expect(escapes.escaped).toEqual([])
    },
  )
})
