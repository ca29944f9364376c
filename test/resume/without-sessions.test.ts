// A server that doesn't support sessions, and `required: false`.
import { describe, expect, test } from 'vitest'
import { textHeartbeat } from '../../src/core/policies/heartbeat.js'
import { ConnectionError } from '../../src/core/errors.js'
import { settle } from '../../src/tools/testing/clock.js'
import { after, hellos, resuming, welcome } from './support/scripted-server.js'

const lenient = (connecting: Parameters<typeof resuming>[1] = {}) =>
  resuming({ required: false }, { protocols: ['feed.v2'], ...connecting })

describe('the subprotocols', () => {
  test('are offered without a session first, and only one with a session without those of the app', async () => {
    const { transport, accept } = lenient()
    await accept('resume.v1.feed.v2')
    expect(transport.last.target.protocols).toEqual(['feed.v2', 'resume.v1.feed.v2'])
    const bare = resuming({ required: false })
    await settle()
    expect(bare.transport.last.target.protocols).toEqual(['resume.v1'])
  })
})

describe('a plain link', () => {
  test('works as without the feature', async () => {
    const { connection, session, continuity, heard, accept } = lenient({ binaryType: 'blob' })
    const closes: unknown[] = []
    const fates: string[] = []
    connection.on('close', (event) => closes.push(event.uncertain))
    connection.send('queued')
    const socket = await accept('feed.v2')
    expect([connection.state, session.state, connection.protocol]).toEqual(['open', 'plain', 'feed.v2'])
    connection.send('1', { onFate: (fate) => fates.push(fate) })
    connection.send(new Blob(['2']))
    socket.message('d1:a')
    expect([socket.binaryType, socket.sent.slice(0, 2), heard]).toEqual(['blob', ['queued', '1'], ['d1:a']])
    expect(session.unacknowledged).toEqual({ messages: 0, bytes: 0 })
    socket.end()
    expect(closes).toEqual([{ messages: 3, bytes: 8 }])
    expect([fates, continuity]).toEqual([['sent', 'uncertain'], []])
  })

  test('queues a message whose socket has closed, and closes at once', async () => {
    const { connection, accept } = lenient()
    const socket = await accept('feed.v2')
    socket.send = () => {
      throw new ConnectionError('ERR_TRANSPORT', 'closed')
    }
    expect(connection.send('1')).toBe('queued')
    connection.withdraw()
    void connection.close()
    expect(socket.actions.at(-1)?.type).toBe('close')
  })

  test('has the app’s heartbeat, or the default one', async () => {
    const own = lenient({ heartbeat: textHeartbeat({ ping: 'mine', pong: 'yours' }) })
    const socket = await own.accept('feed.v2')
    await own.clock.advance(10_000)
    socket.message('yours')
    expect([socket.sent, own.heard]).toEqual([['mine'], []])
    const { accept, clock } = lenient()
    const other = await accept('feed.v2')
    await clock.advance(10_000)
    expect([other.sent, other.count('ping')]).toEqual([[], 1])
  })

  test('confirms no delivery', async () => {
    const { session, connection, accept } = lenient()
    connection.send('1')
    const early = session.delivered()
    await accept('feed.v2')
    const lost = { code: 'ERR_SESSION_LOST', message: expect.stringContaining('does not support') as string }
    await expect(early).rejects.toMatchObject(lost)
    await expect(session.delivered()).rejects.toMatchObject(lost)
  })
})

describe('the next link', () => {
  test('may have a session, with the session’s heartbeat', async () => {
    const { connection, session, continuity, accept, lose, clock } = lenient({
      heartbeat: textHeartbeat({ ping: 'mine', pong: 'yours' }),
    })
    await accept('feed.v2')
    await lose()
    const socket = await accept('resume.v1.feed.v2')
    socket.message(welcome())
    await settle()
    connection.send('1')
    expect([session.state, connection.protocol, after(socket)]).toEqual(['attached', 'feed.v2', ['d1:1']])
    expect([hellos(socket).length, socket.binaryType, continuity.length]).toEqual([1, 'arraybuffer', 1])
    await clock.advance(10_000)
    expect(after(socket).at(-1)).toBe('p0')
    await lose()
    // And the one after it the app's own again.
    const plain = await accept('feed.v2')
    await clock.advance(10_000)
    expect(plain.sent).toEqual(['mine'])
  })

  test('may be plain: a session that had begun is lost, and what it kept is listed', async () => {
    const { connection, session, continuity, accept, lose } = lenient()
    const states: string[] = []
    session.on('continuity', () => states.push(session.state))
    const socket = await accept('resume.v1.feed.v2')
    socket.message(welcome())
    await settle()
    connection.send('1')
    await lose()
    const plain = await accept('feed.v2')
    expect(continuity.at(-1)).toMatchObject({ kind: 'lost', reason: 'unknown', uncertain: ['1'] })
    expect([states.at(-1), plain.sent]).toEqual(['plain', []])
  })

  test('drops a Blob that waits since a plain link', async () => {
    const { connection, accept, transport, clock } = lenient()
    const dropped: unknown[] = []
    connection.on('dropped', ({ reason }) => dropped.push(reason))
    await accept('feed.v2')
    transport.last.end()
    expect([connection.send(new Blob(['x'])), connection.send('1')]).toEqual(['queued', 'queued'])
    await clock.advance(100)
    const socket = await accept('resume.v1.feed.v2')
    socket.message(welcome())
    await settle()
    expect([after(socket), dropped]).toEqual([['d1:1'], ['refused']])
  })
})
