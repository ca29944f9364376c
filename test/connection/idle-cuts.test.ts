// Links that a proxy cuts because they are idle, before the first ping was due.
import { describe, expect, test } from 'vitest'
import { fixedBackoff } from '../../src/core/policies/backoff.js'
import { noHeartbeat, protocolPing, textHeartbeat } from '../../src/core/policies/heartbeat.js'
import { setup } from '../support/setup.js'
import { setupSocket } from '../websocket/support/setup-socket.js'

type Setup = ReturnType<typeof setup>

/** Opens a link that ends after the given time. */
async function link({ clock, accept }: Setup, lasted: number, code = 1006, frames = 1): Promise<void> {
  const socket = await accept()
  for (let frame = 0; frame < frames; frame++) socket.message('hello')
  await clock.advance(lasted)
  socket.end({ code })
  await clock.advance(1_000)
}

const codesOf = ({ of }: Setup): (string | undefined)[] => of('close').map(({ error }) => error?.code)

describe('links that end after similar times', () => {
  test.each([1006, 1001])('are reported once, in the close and backoff events of the third loss (%i)', async (code) => {
    const each = setup({ backoff: fixedBackoff(1_000), heartbeat: protocolPing({ interval: 20_000 }) })
    for (const lasted of [9_000, 9_400, 8_900, 9_100, 9_000]) await link(each, lasted, code)
    expect(codesOf(each)).toEqual([undefined, undefined, 'ERR_IDLE_CUT', undefined, undefined])
    const { error } = each.of('close')[2]!
    expect(error!.message).toBe(
      '3 links in a row (each cut after about 9 s, without a ping and with almost no messages) suggest that a proxy or server cuts idle links: make heartbeat.interval (20 s) shorter than that, and set a textHeartbeat where the runtime cannot ping',
    )
    expect(each.of('backoff')[2]!.error).toBe(error)
    expect(each.of('close').every(({ willRetry }) => willRetry)).toBe(true)
    // A lost link is no error event.
    expect(each.of('error')).toEqual([])
    void each.connection.close()
  })

  test('are reported again after a different kind of end', async () => {
    const each = setup({ backoff: fixedBackoff(1_000), heartbeat: protocolPing({ interval: 20_000 }) })
    for (const lasted of [9_000, 9_000, 9_000]) await link(each, lasted)
    await link(each, 9_000, 1012)
    for (const lasted of [5_000, 5_000, 5_000]) await link(each, lasted)
    expect(codesOf(each).filter((code) => code !== undefined)).toEqual(['ERR_IDLE_CUT', 'ERR_IDLE_CUT'])
    void each.connection.close()
  })

  test('lead to the advice to set a heartbeat if there is none', async () => {
    const each = setup({ backoff: fixedBackoff(1_000), heartbeat: noHeartbeat() })
    for (let time = 0; time < 3; time++) await link(each, 60_000)
    expect(each.of('close')[2]!.error!.message).toMatch(/cut after about 60 s, .* set a heartbeat/)
    void each.connection.close()
  })

  test('cause no `error` event in the drop-in class besides those of the standard', async () => {
    const { clock, accept, errors, closes } = setupSocket({
      backoff: fixedBackoff(1_000),
      heartbeat: textHeartbeat({ ping: 'ping', pong: 'pong' }),
    })
    for (let time = 0; time < 3; time++) {
      const socket = await accept()
      await clock.advance(9_000)
      socket.end({ code: 1001 })
      await clock.advance(1_000)
    }
    expect([closes.length, errors]).toEqual([3, []])
  })
})

describe('links are not reported as cut', () => {
  test.each([
    ['if they last for different times', [9_000, 5_000, 7_000, 3_000], 1006, 1],
    ['if messages came', [9_000, 9_000, 9_000, 9_000], 1006, 20],
    ['if they end at once', [100, 100, 100, 100], 1006, 0],
    ['if the server closes them with another code', [9_000, 9_000, 9_000, 9_000], 1012, 1],
    ['if they were pinged', [25_000, 25_000, 25_000, 25_000], 1006, 1],
  ] as const)('%s', async (_, lasts, code, frames) => {
    const each = setup({ backoff: fixedBackoff(1_000), heartbeat: protocolPing({ interval: 20_000 }) })
    for (const lasted of lasts) await link(each, lasted, code, frames)
    expect(codesOf(each).filter((each) => each === 'ERR_IDLE_CUT')).toEqual([])
    void each.connection.close()
  })

  test('if the app or the connection itself ended them', async () => {
    const each = setup({ backoff: fixedBackoff(1_000), heartbeat: protocolPing({ interval: 20_000 }) })
    for (let time = 0; time < 4; time++) {
      await each.accept()
      await each.clock.advance(9_000)
      each.connection.reconnect()
    }
    expect(codesOf(each)).toEqual([undefined, undefined, undefined, undefined])
    void each.connection.close()
  })
})
