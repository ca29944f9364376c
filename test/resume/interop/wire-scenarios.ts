import { expect } from 'vitest'
import { encodeData, encodeJson } from '../../../src/resume/protocol.js'
import type { Implementation } from './subjects.js'
import { newId, WireClient } from './wire-client.js'

// What any server must do, frame by frame: also with clients that break the protocol.

export interface Scenario {
  readonly title: string
  run(implementation: Implementation): Promise<void>
}

/** A scenario on a server with sessions that live long. */
function scenario(title: string, play: (url: string) => Promise<void>): Scenario {
  return {
    title,
    async run(implementation) {
      await using subject = await implementation.start()
      await play(subject.url)
    },
  }
}

const isInvalid = async (url: string, ...frames: (string | Uint8Array)[]): Promise<void> => {
  const link = await WireClient.dial(url)
  await link.welcome()
  link.send(...frames)
  expect(await link.closed(), JSON.stringify(frames)).toBe(4400)
}

export const wireScenarios: readonly Scenario[] = [
  scenario('a new session begins, and each message comes back with its number', async (url) => {
    const link = await WireClient.dial(url)
    expect(await link.welcome()).toMatchObject({ rx: 0, seen: 0, resumed: false, ttl: 120_000, max: 1_048_576 })
    link.send('d1:a', 'd2:', encodeData(3, Uint8Array.of(0, 255)), 'd4:é😀')
    expect(await link.messages(4)).toEqual([
      [1, 'a'],
      [2, ''],
      [3, Uint8Array.of(0, 255)],
      [4, 'é😀'],
    ])
    await link.acknowledged(4)
  }),

  scenario('a resumed session replays what the client has not received, and tells what it has', async (url) => {
    const sid = newId()
    const first = await WireClient.dial(url)
    const { ep } = await first.welcome({ sid })
    first.send('d1:a', 'd2:b', 'd3:c')
    await first.acknowledged(3)
    await first.cut()
    const second = await WireClient.dial(url)
    expect(await second.welcome({ sid, gen: 2, rx: 1, ep })).toMatchObject({ ep, rx: 3, seen: 3, resumed: true })
    expect(await second.messages(2)).toEqual([
      [2, 'b'],
      [3, 'c'],
    ])
    // Received and handled, but the answer was lost: it is sent again, and dropped.
    second.send('d3:c', 'a3', 'd4:d')
    expect(await second.messages(1)).toEqual([[4, 'd']])
  }),

  scenario('what an earlier link has sent may be acknowledged before it arrives again', async (url) => {
    const sid = newId()
    const first = await WireClient.dial(url)
    const { ep } = await first.welcome({ sid })
    first.send('d1:a', 'd2:b', 'd3:c')
    await first.messages(3)
    await first.acknowledged(3)
    await first.cut()
    const second = await WireClient.dial(url)
    await second.welcome({ sid, gen: 2, rx: 0, ep })
    second.send('a3', 'd4:d')
    await second.find(({ kind, number }) => kind === 'data' && number === 4, 'message 4')
    // It is forgotten: another hello can't ask for it.
    await second.acknowledged(4)
    await second.cut()
    const third = await WireClient.dial(url)
    expect(await third.refusal({ sid, gen: 3, rx: 2, ep })).toMatchObject({ reason: 'range' })
  }),

  scenario('a session whose welcome was lost is resumed without an epoch', async (url) => {
    const sid = newId()
    const first = await WireClient.dial(url)
    const { ep } = await first.welcome({ sid })
    await first.cut()
    const second = await WireClient.dial(url)
    expect(await second.welcome({ sid, gen: 2 })).toMatchObject({ ep, rx: 0, seen: 0, resumed: true })
  }),

  scenario('a generation may be skipped', async (url) => {
    const sid = newId()
    const first = await WireClient.dial(url)
    const { ep } = await first.welcome({ sid })
    await first.cut()
    const second = await WireClient.dial(url)
    expect(await second.welcome({ sid, gen: 9, ep })).toMatchObject({ resumed: true })
  }),

  scenario('a duplicate is handled once and acknowledged again', async (url) => {
    const link = await WireClient.dial(url)
    await link.welcome()
    link.send('d1:a')
    await link.acknowledged(1)
    link.send('d1:a')
    await link.acknowledged(1)
    link.send('d2:b')
    const rest = await link.find(({ kind, number }) => kind === 'data' && number > 1, 'message 2')
    expect(rest).toMatchObject({ number: 2, payload: 'b' })
  }),

  scenario('a gap closes the link with 4400, and the next link repairs it', async (url) => {
    const sid = newId()
    const first = await WireClient.dial(url)
    const { ep } = await first.welcome({ sid })
    first.send('d1:a', 'd3:c')
    expect(await first.closed()).toBe(4400)
    const second = await WireClient.dial(url)
    expect(await second.welcome({ sid, gen: 2, ep })).toMatchObject({ seen: 1, resumed: true })
    second.send('d2:b', 'd3:c')
    expect(await second.messages(3)).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ])
  }),

  scenario('a later hello takes the session over, and closes the earlier link with 4409', async (url) => {
    const sid = newId()
    const first = await WireClient.dial(url)
    const { ep } = await first.welcome({ sid })
    first.send('d1:a')
    await first.acknowledged(1)
    const second = await WireClient.dial(url)
    expect(await second.welcome({ sid, gen: 2, ep })).toMatchObject({ rx: 1, resumed: true })
    expect(await first.closed()).toBe(4409)
    second.send('d2:b')
    await second.acknowledged(2)
  }),

  scenario('a hello with a used generation is superseded, and the session goes on', async (url) => {
    const sid = newId()
    const first = await WireClient.dial(url)
    const { ep } = await first.welcome({ sid, gen: 2 })
    for (const gen of [1, 2]) {
      const late = await WireClient.dial(url)
      expect(await late.refusal({ sid, gen, ep })).toEqual({ reason: 'superseded' })
      expect(await late.closed()).toBe(4409)
    }
    first.send('d1:a')
    await first.acknowledged(1)
  }),

  scenario('another principal is forbidden, and the session goes on', async (url) => {
    const sid = newId()
    const link = await WireClient.dial(url)
    const { ep } = await link.welcome({ sid })
    const thief = await WireClient.dial(url)
    expect(await thief.refusal({ sid, gen: 5, ep, auth: 'bob-secret' })).toEqual({ reason: 'forbidden' })
    expect(await thief.closed()).toBe(4403)
    link.send('d1:a')
    await link.acknowledged(1)
    // Its generation is unharmed too.
    await link.cut()
    const again = await WireClient.dial(url)
    expect(await again.welcome({ sid, gen: 2, ep })).toMatchObject({ rx: 1, resumed: true })
  }),

  scenario('a hello without valid credentials is closed with 4401', async (url) => {
    for (const auth of [undefined, 'wrong', null, 1, ['alice-secret'], { token: 'alice-secret' }]) {
      const link = await WireClient.dial(url)
      link.hello({ auth })
      expect(await link.closed(), JSON.stringify(auth)).toBe(4401)
    }
  }),

  scenario('an unknown session is refused, and the same link begins a new one', async (url) => {
    const link = await WireClient.dial(url)
    expect(await link.refusal({ gen: 3, rx: 2, ep: 'of another server' })).toEqual({ reason: 'unknown' })
    expect(await link.welcome()).toMatchObject({ resumed: false })
    link.send('d1:a')
    await link.acknowledged(1)
  }),

  scenario('a client that has received more than was sent is told that the server rewound', async (url) => {
    const sid = newId()
    const first = await WireClient.dial(url)
    const { ep } = await first.welcome({ sid })
    await first.cut()
    const second = await WireClient.dial(url)
    expect(await second.refusal({ sid, gen: 2, rx: 7, ep })).toMatchObject({ reason: 'rewound', rx: 0 })
  }),

  scenario('a client that lacks what it has acknowledged is told that the range is gone', async (url) => {
    const sid = newId()
    const first = await WireClient.dial(url)
    const { ep } = await first.welcome({ sid })
    first.send('d1:a', 'd2:b')
    await first.messages(2)
    await first.acknowledged(2)
    // The pong comes after the acknowledgment was read.
    first.send('a2', 'p2')
    await first.next('pong')
    await first.cut()
    const second = await WireClient.dial(url)
    expect(await second.refusal({ sid, gen: 2, rx: 1, ep })).toMatchObject({ reason: 'range', rx: 2 })
  }),

  {
    title: 'an expired session is refused, and its tombstone tells what was handled',
    async run(implementation) {
      await using subject = await implementation.start({ ttl: 200 })
      const sid = newId()
      const first = await WireClient.dial(subject.url)
      const { ep, ttl } = await first.welcome({ sid })
      expect(ttl).toBe(200)
      first.send('d1:a', 'd2:b')
      await first.acknowledged(2)
      await first.cut()
      await new Promise((resolve) => void setTimeout(resolve, 800))
      const second = await WireClient.dial(subject.url)
      expect(await second.refusal({ sid, gen: 2, ep })).toMatchObject({ reason: 'expired', rx: 2, exact: true })
      expect(await second.welcome()).toMatchObject({ resumed: false })
    },
  },

  scenario('a handler that fails ends the session, and tells which message is uncertain', async (url) => {
    const sid = newId()
    const link = await WireClient.dial(url)
    const { ep } = await link.welcome({ sid })
    link.send('d1:a', 'd2:fail', 'd3:c')
    expect(await link.nextRefusal()).toMatchObject({ reason: 'ended', rx: 1, tried: 2 })
    expect(await link.closed()).toBe(1011)
    const next = await WireClient.dial(url)
    expect(await next.refusal({ sid, gen: 2, ep })).toMatchObject({ reason: 'ended', rx: 1, tried: 2 })
  }),

  scenario('a handler that runs when its link is cut handles its message once', async (url) => {
    const sid = newId()
    const first = await WireClient.dial(url)
    const { ep } = await first.welcome({ sid })
    first.send('d1:wait 300', 'd2:b', 'p0')
    await first.next('pong')
    await first.cut()
    const second = await WireClient.dial(url)
    const { rx, seen } = await second.welcome({ sid, gen: 2, ep })
    expect([rx, seen]).toEqual([0, 2])
    expect(await second.messages(2)).toEqual([
      [1, 'wait 300'],
      [2, 'b'],
    ])
    await second.acknowledged(2)
  }),

  scenario('a ping is answered at once, also while a handler runs', async (url) => {
    const link = await WireClient.dial(url)
    await link.welcome()
    link.send('d1:a')
    await link.messages(1)
    await link.acknowledged(1)
    link.send('d2:wait 500', 'p1')
    const pong = await link.find(({ kind }) => kind === 'pong' || kind === 'data', 'a pong')
    expect(pong).toMatchObject({ kind: 'pong', number: 1 })
  }),

  scenario('a goodbye ends the session', async (url) => {
    const sid = newId()
    const link = await WireClient.dial(url)
    const { ep } = await link.welcome({ sid })
    link.send('d1:a')
    await link.messages(1)
    await link.acknowledged(1)
    link.send('b1')
    expect(await link.next('bye')).toMatchObject({ number: 1 })
    link.socket.close(1000)
    expect(await link.closed()).toBe(1000)
    const late = await WireClient.dial(url)
    expect(await late.refusal({ sid, gen: 2, rx: 1, ep })).toMatchObject({ reason: 'ended', rx: 1, exact: true })
  }),

  scenario('an invalid frame closes the link with 4400', async (url) => {
    const frames = [
      ...['', 'x', 'd', 'd1', 'd0:a', 'd01:a', 'dA:a', 'd-1:a', 'd2gosa7pa2gw:a', 'a', 'a01', 'a1 ', 'A0', 'p', 'b-1'],
      ...['q0', 'w{}', 'r{}', 'j{}', 't1,1:a', 'l1', 'h{}'],
      ...[[], [0x61, 0], [0x64], [0x64, 0], [0x64, 0x80], [0x64, 0x81, 0], [0x64, ...Array<number>(9).fill(0xff), 1]],
    ]
    await Promise.all(frames.map((frame) => isInvalid(url, typeof frame === 'string' ? frame : Uint8Array.from(frame))))
  }),

  scenario('an acknowledgment of what was never sent closes the link with 4400', async (url) => {
    for (const frame of ['a1', 'p1', 'b1']) await isInvalid(url, frame)
  }),

  scenario('a second hello on a link that has a session closes it with 4400', async (url) => {
    await isInvalid(url, encodeJson('h', { v: 1, sid: newId(), gen: 1, rx: 0, auth: 'alice-secret' }))
  }),

  scenario('an invalid hello closes the link with 4400', async (url) => {
    const good = { v: 1, sid: newId(), gen: 1, rx: 0, auth: 'alice-secret' }
    const bad: object[] = [
      ...[
        { v: 2 },
        { v: true },
        { v: '1' },
        { sid: 'short' },
        { sid: `${newId()}a` },
        { sid: 1 },
        { sid: '+'.repeat(22) },
      ],
      ...[{ gen: 0 }, { gen: 1.5 }, { gen: '1' }, { gen: 2 ** 53 }, { gen: true }, { rx: -1 }, { rx: null }],
      ...[{ ep: '' }, { ep: 1 }, { ep: 'e'.repeat(257) }, { x: 'topics' }, { x: [1] }, { topics: [] }],
      { auth: 'a'.repeat(4_096) },
    ]
    const frames: (string | Uint8Array)[] = bad.map((members) => `h${JSON.stringify({ ...good, ...members })}`)
    frames.push(
      'h',
      'h[]',
      'h{',
      `h${'['.repeat(4_000)}`,
      'd1:a',
      'a0',
      'p0',
      '',
      Buffer.from(`h${JSON.stringify(good)}`),
    )
    for (const frame of frames) {
      const link = await WireClient.dial(url)
      link.send(frame)
      expect(await link.closed(), String(frame).slice(0, 200)).toBe(4400)
    }
  }),

  scenario('unknown members and extensions of a hello are ignored', async (url) => {
    const link = await WireClient.dial(url)
    const later = { x: ['topics', 'of-a-later-version'], later: { a: [1, null] }, topics: { btc: ['e', 1] } } as object
    expect(await link.welcome(later)).toMatchObject({ resumed: false })
    link.send('d1:a')
    await link.acknowledged(1)
  }),

  scenario('a message above the limit closes the link, and the session lives on', async (url) => {
    const sid = newId()
    const first = await WireClient.dial(url)
    const { ep, max } = await first.welcome({ sid })
    first.send(`d1:${'a'.repeat(max! + 100)}`)
    expect(await first.closed()).toBe(1009)
    const second = await WireClient.dial(url)
    expect(await second.welcome({ sid, gen: 2, ep })).toMatchObject({ seen: 0, resumed: true })
    const large = 'b'.repeat(max!)
    second.send(`d1:${large}`)
    expect((await second.messages(1))[0]![1] === large).toBe(true)
  }),

  {
    title: 'the subprotocol of the app is returned with the prefix',
    async run(implementation) {
      await using subject = await implementation.start()
      const link = await WireClient.dial(subject.url, 'resume.v1.feed.v2')
      expect(link.socket.protocol).toBe('resume.v1.feed.v2')
      expect(await link.welcome()).toMatchObject({ resumed: false })
    },
  },

  {
    title: 'a server that leaves tells how far it came',
    async run(implementation) {
      await using subject = await implementation.start()
      const link = await WireClient.dial(subject.url)
      await link.welcome()
      link.send('d1:a')
      await link.acknowledged(1)
      const stopped = subject.stop()
      expect(await link.nextRefusal()).toMatchObject({ reason: 'drained', rx: 1, exact: true })
      expect(await link.closed()).toBe(1012)
      await stopped
    },
  },
]
