// The programs of docs/subscriptions.md.
import { describe, expect, it } from 'vitest'
import type { Connection } from '../../src/index.js'
import { blocksOn, runBlock } from './programs.js'

const [topics, numbered, prepared] = blocksOn('subscriptions.md')

describe('the list of topics', () => {
  type Subscribe = (topic: string, listener: (text: string) => void) => () => void
  const run = () => runBlock<{ subscribe: Subscribe }>(topics)
  const ignore = (): void => {}

  it('is sent once on each link, including subscriptions made without one', async () => {
    const { exports, accept, clock } = await run()
    exports.subscribe('trades', ignore)
    const first = await accept()
    exports.subscribe('news', ignore)
    expect(first.sent).toEqual(['subscribe trades', 'subscribe news'])
    first.end()
    exports.subscribe('weather', ignore)
    await clock.advance(1_000)
    const second = await accept()
    expect(second.sent).toEqual(['subscribe trades', 'subscribe news', 'subscribe weather'])
  })

  it('reaches the listeners of each topic', async () => {
    const { exports, accept } = await run()
    const seen: string[] = []
    exports.subscribe('trades', (text) => void seen.push(`a ${text}`))
    exports.subscribe('trades', (text) => void seen.push(`b ${text}`))
    const socket = await accept()
    socket.message('trades: ACME 42')
    socket.message('news: none')
    expect([seen, socket.sent]).toEqual([['a ACME 42', 'b ACME 42'], ['subscribe trades']])
  })

  it('loses a topic with its last listener, and only then', async () => {
    const { exports, accept, clock } = await run()
    const [first, second] = [exports.subscribe('trades', ignore), exports.subscribe('trades', () => {})]
    const socket = await accept()
    first()
    first()
    expect(socket.sent).toEqual(['subscribe trades'])
    second()
    expect(socket.sent).toEqual(['subscribe trades', 'unsubscribe trades'])
    socket.end()
    await clock.advance(1_000)
    expect((await accept()).sent).toEqual([])
  })

  it('is sent once if a status listener subscribes as soon as the link is open', async () => {
    const { exports, connection, accept } = await run()
    let subscribed = false
    connection.subscribe(({ state }) => {
      if (state !== 'open' || subscribed) return
      subscribed = true
      exports.subscribe('trades', ignore)
    })
    expect((await accept()).sent).toEqual(['subscribe trades'])
  })
})

it('a numbered feed resumes after the last number, and skips duplicates', async () => {
  const shown: string[] = []
  const { accept, clock } = await runBlock(numbered, { show: (text: string) => void shown.push(text) })
  const first = await accept()
  first.message('7 ACME')
  first.end()
  await clock.advance(1_000)
  const second = await accept()
  second.message('7 ACME')
  second.message('8 IBM')
  expect([first.sent, second.sent, shown]).toEqual([
    ['subscribe trades'],
    ['subscribe trades after 7'],
    ['ACME', 'IBM'],
  ])
})

it('queued messages leave before `open` fires', async () => {
  const { connection, accept } = await runBlock<object>(topics)
  connection.on('open', () => connection.send('from open'))
  connection.send('waited')
  expect((await accept()).sent).toEqual(['waited', 'from open'])
})

it('a subscription refused in `prepare` fails the attempt', async () => {
  const { exports, accept, clock } = await runBlock<{ feed: Connection }>(prepared)
  const { feed } = exports
  const first = await accept()
  first.message('no such topic')
  await clock.advance(0)
  expect([feed.state, feed.status.loss?.error?.code]).toEqual(['backoff', 'ERR_PREPARE'])
  await clock.advance(1_000)
  const second = await accept()
  second.message('subscribed trades')
  await clock.advance(0)
  expect([feed.state, second.sent]).toEqual(['open', ['subscribe trades']])
})
