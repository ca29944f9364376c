import { expect, test, vi } from 'vitest'
import { Inboxes, type InboxOverflow, type InboxSource } from '../../src/data/inbox.js'

function source(): {
  inboxes: Inboxes<number>
  receive: (...messages: number[]) => void
  listeners: Set<(message: number) => void>
  done: string[]
  unread: number[]
} {
  const listeners = new Set<(message: number) => void>()
  const done: string[] = []
  const unread: number[] = []
  const from: InboxSource<number> = {
    listen: (callback) => (listeners.add(callback), () => listeners.delete(callback)),
    pause: () => (done.push('pause'), () => void done.push('resume')),
    unread: (message) => unread.push(message),
  }
  const receive = (...messages: number[]): void => {
    for (const message of messages) for (const listener of listeners) listener(message)
  }
  return { inboxes: new Inboxes(from), receive, listeners, done, unread }
}

test('who waits is served in the order of asking, and nothing is kept for whom it was', async () => {
  const { inboxes, receive } = source()
  const inbox = inboxes.create(1, 'pause', undefined)
  const asked = [inbox.next(), inbox.next()]
  receive(1, 2, 3)
  expect(await Promise.all([...asked, inbox.next()])).toEqual([1, 2, 3].map((value) => ({ done: false, value })))
})

test('whoever waits at the end is told of it', async () => {
  const { inboxes, listeners } = source()
  const asked = [inboxes.create(1, 'pause', undefined), inboxes.create(1, 'pause', undefined)].map((each) =>
    each.next(),
  )
  inboxes.end()
  expect(await Promise.all(asked)).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ])
  expect(listeners.size).toBe(0)
})

test('a pause is asked for once, and taken back once at half the limit', async () => {
  const { inboxes, receive, done } = source()
  const inbox = inboxes.create(4, 'pause', undefined)
  receive(1, 2, 3)
  expect(done).toEqual([])
  receive(4, 5)
  expect(done).toEqual(['pause'])
  for (let read = 0; read < 2; read++) await inbox.next()
  expect(done).toEqual(['pause'])
  await inbox.next()
  expect(done).toEqual(['pause', 'resume'])
  for (let read = 0; read < 2; read++) await inbox.next()
  expect(done).toEqual(['pause', 'resume'])
})

test.each<[InboxOverflow, number[], number[]]>([
  ['drop-oldest', [1, 2], [3, 4]],
  ['drop-newest', [3, 4], [1, 2]],
])('%s lets go what its name says, and tells of each', async (overflow, gone, kept) => {
  const { inboxes, receive, unread, done } = source()
  const inbox = inboxes.create(2, overflow, undefined)
  receive(1, 2, 3, 4)
  expect(unread).toEqual(gone)
  inbox.end()
  const read: number[] = []
  for await (const message of inbox) read.push(message)
  expect(read).toEqual(kept)
  expect(done).toEqual([])
})

test('after a pause 32,768 more are kept, and no more', async () => {
  const { inboxes, receive, unread } = source()
  const inbox = inboxes.create(1, 'pause', undefined)
  for (let message = 0; message < 32_769; message++) receive(message)
  expect(unread).toEqual([])
  receive(32_769)
  expect(unread).toEqual([0])
  expect(await inbox.next()).toEqual({ done: false, value: 1 })
})

test('a signal ends its reader, and keeps nothing of one that has ended', async () => {
  const aborter = new AbortController()
  const { signal } = aborter
  const removed = vi.spyOn(signal, 'removeEventListener')
  const { inboxes, listeners } = source()
  const left = inboxes.create(1, 'pause', signal)
  const told = vi.spyOn(left, 'forgetPause')
  await left.return()
  expect(removed).toHaveBeenCalledExactlyOnceWith('abort', expect.any(Function))
  inboxes.forgetPauses()
  expect(told).not.toHaveBeenCalled()
  const waiting = inboxes.create(1, 'pause', signal).next()
  aborter.abort()
  expect(await waiting).toEqual({ done: true, value: undefined })
  expect(listeners.size).toBe(0)
})

test.each<[InboxOverflow, number, string[]]>([
  ['pause', 2, ['pause', 'pause']],
  ['pause', 1, []],
  ['drop-oldest', 2, []],
  ['drop-newest', 2, []],
])('with %s and %i of 2 messages kept, a new socket and what came before it did %j', (overflow, kept, expected) => {
  const { inboxes, receive, done } = source()
  inboxes.create(2, overflow, undefined)
  for (let message = 0; message < kept; message++) receive(message)
  inboxes.forgetPauses()
  expect(done).toEqual(expected)
})

test('a reader that has ended pauses nobody, though its inbox is full', () => {
  const { inboxes, receive, done } = source()
  const inbox = inboxes.create(1, 'pause', undefined)
  receive(1)
  inbox.end()
  expect(done).toEqual(['pause', 'resume'])
  inbox.forgetPause()
  expect(done).toEqual(['pause', 'resume'])
})

test('a reader that leaves is forgotten', async () => {
  const { inboxes, receive, listeners, done } = source()
  const inbox = inboxes.create(1, 'pause', undefined)
  receive(1)
  expect(await inbox.return()).toEqual({ done: true, value: undefined })
  expect(listeners.size).toBe(0)
  done.length = 0
  inboxes.forgetPauses()
  expect(done).toEqual([])
})

test('a signal that was aborted before gives a reader that is at its end', async () => {
  const { inboxes, listeners } = source()
  const inbox = inboxes.create(1, 'pause', AbortSignal.abort())
  expect(listeners.size).toBe(0)
  expect(await inbox.next()).toEqual({ done: true, value: undefined })
})

test('where nobody can be paused, the oldest makes room', async () => {
  const unread: number[] = []
  let receive = (_message: number): void => {}
  const inboxes = new Inboxes<number>({
    listen: (callback) => ((receive = callback), () => {}),
    pause: () => undefined,
    unread: (message) => unread.push(message),
  })
  const inbox = inboxes.create(2, 'pause', undefined)
  for (const message of [1, 2, 3]) receive(message)
  expect(unread).toEqual([1])
  expect(await inbox.next()).toEqual({ done: false, value: 2 })
})
