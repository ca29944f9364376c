// Event classes that become global after the import, or are replaced between two sockets: test environments do both.
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { WebSocketServer } from 'ws'
import { built, script, testWith } from './support/child.js'

let server: WebSocketServer
let url: string
beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) => {
    socket.send('welcome')
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  await new Promise((resolve) => server.once('listening', resolve))
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => {
  for (const socket of server.clients) socket.terminate()
  server.close()
})

/**
 * One whole life: what its listeners and handlers receive, and whether the events and the socket belong to this realm.
 */
const live = `
  import { ReconnectingWebSocket } from ${JSON.stringify(built('src/websocket/index.js'))}
  import { wsTransport } from ${JSON.stringify(built('src/transports/ws.js'))}
  const url = process.argv[1]
  const make = (Class = ReconnectingWebSocket) => new Class(url, [], { transport: wsTransport() })
  async function live(socket, { Event, EventTarget, MessageEvent, CloseEvent }) {
    const heard = []
    const ofThisRealm = []
    let attributes = 0
    for (const type of ['open', 'message', 'error', 'close']) {
      const once = { once: type === 'open' }
      socket.addEventListener(type, { handleEvent(event) {
        heard.push([type, event.data, event.code].filter((each) => each !== undefined).join(' '))
        ofThisRealm.push(event instanceof Event, event.target === socket, event.currentTarget === socket)
        ofThisRealm.push(event.composedPath()[0] === socket)
        if (type === 'message' && MessageEvent) ofThisRealm.push(event instanceof MessageEvent)
        if (type === 'close' && CloseEvent) ofThisRealm.push(event instanceof CloseEvent)
      } }, once)
      socket['on' + type] = function () { attributes += this === socket }
    }
    await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }))
    const echoed = new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }))
    socket.send('hello')
    await echoed
    const closed = new Promise((resolve) => socket.addEventListener('close', resolve))
    socket.close(4000, 'enough')
    const event = await closed
    const mine = new Event('mine')
    let own = 0
    const listener = () => own++
    socket.addEventListener('mine', listener)
    socket.dispatchEvent(mine)
    socket.removeEventListener('mine', listener)
    socket.dispatchEvent(mine)
    return {
      heard, attributes, own, after: [event.target === socket, event.currentTarget, mine.target === socket],
      isTarget: socket instanceof EventTarget, foreign: ofThisRealm.filter((each) => !each).length,
    }
  }
  const print = (value) => console.log(JSON.stringify(value))
`

const whole = {
  heard: ['open', 'message welcome', 'message hello', 'close 4000'],
  attributes: 4,
  own: 1,
  after: [true, null, true],
  isTarget: true,
  foreign: 0,
}

/** How a test environment gets its classes. */
const environments = {
  jsdom: `new (require('jsdom').JSDOM)('', { url: 'http://localhost' }).window`,
  'happy-dom': `new (require('happy-dom').Window)({ url: 'http://localhost' })`,
}
const all = `['Event', 'EventTarget', 'MessageEvent', 'CloseEvent', 'AbortController', 'AbortSignal', 'Blob', 'URL', 'DOMException']`

describe.each(Object.entries(environments))('with %s installed after the import', (name, window) => {
  testWith([name], 'a socket gets every event', 60_000, async () => {
    const text = `${live}
      const window = ${window}
      for (const name of ${all}) globalThis[name] = window[name]
      print(await live(make(), window))
      process.exit()`
    expect(JSON.parse(await script(text, url))).toEqual(whole)
  })

  testWith([name], 'a socket gets every event if only Event and EventTarget were installed', 60_000, async () => {
    const text = `${live}
      const window = ${window}
      globalThis.Event = window.Event
      globalThis.EventTarget = window.EventTarget
      print(await live(make(), { Event, EventTarget }))
      process.exit()`
    expect(JSON.parse(await script(text, url))).toEqual(whole)
  })

  testWith([name], 'an earlier and a later socket each get every event, at the same time', 60_000, async () => {
    const text = `${live}
      const node = { Event, EventTarget, MessageEvent }
      const before = make()
      const window = ${window}
      for (const name of ${all}) globalThis[name] = window[name]
      const after = make()
      const told = await Promise.all([live(before, node), live(after, window)])
      for (const name of ['Event', 'EventTarget', 'MessageEvent']) globalThis[name] = node[name]
      print([...told, await live(make(), node)])
      process.exit()`
    // The class at the time of the check decides what \`instanceof\` returns for an older socket.
    expect(JSON.parse(await script(text, url))).toEqual([{ ...whole, isTarget: false }, whole, whole])
  })

  testWith([name], 'a subclass and a bound class created earlier get every event', 60_000, async () => {
    const text = `${live}
      class Sub extends ReconnectingWebSocket { mine = 1 }
      const Bound = ReconnectingWebSocket.with({ transport: wsTransport() })
      const window = ${window}
      for (const name of ${all}) globalThis[name] = window[name]
      const sub = make(Sub)
      const bound = new Bound(url)
      print([sub instanceof Sub, sub.mine, bound instanceof Bound, bound instanceof ReconnectingWebSocket])
      print(await Promise.all([live(sub, window), live(bound, window)]))
      process.exit()`
    const [shape, told] = (await script(text, url)).split('\n').map((line) => JSON.parse(line) as unknown)
    expect(shape).toEqual([true, 1, true, true])
    expect(told).toEqual([whole, whole])
  })
})
