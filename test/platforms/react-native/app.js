// Everything an app may do, reported as lines of text.
import './globals.js'
import { createConnection, textHeartbeat } from 'statewire'
import { ReconnectingWebSocket } from 'statewire/websocket'
import * as inspect from 'statewire/inspect'
import * as machine from 'statewire/xstate'
import * as testing from 'statewire/testing'

const { url, say, done } = globalThis.native

const bytes = (data) => Array.from(new Uint8Array(data)).join(',')
const named = (action) => {
  try {
    return action()
  } catch (error) {
    return `${error.name} ${error.code ?? ''}: ${error.message}`
  }
}

async function connection() {
  const feed = createConnection(url, { heartbeat: textHeartbeat({ ping: 'ping', pong: 'pong' }) })
  const heard = []
  let wake
  feed.on('message', (data) => {
    heard.push(typeof data === 'string' ? data : bytes(data))
    wake?.()
  })
  const until = async (count) => {
    while (heard.length < count) await new Promise((resolve) => (wake = resolve))
  }
  feed.send('grüße \u{1F600}')
  await feed.opened()
  say(`open ${feed.url.replace(/127.*?\d+(?=\/|$)/, 'here')} ${feed.readyState}`)
  await until(1)
  feed.send(Uint8Array.of(1, 2, 3))
  await until(2)
  feed.send(new Uint8Array([4, 5]).buffer)
  await until(3)
  feed.send(new Blob(['bl', 'ob']))
  await until(4)
  say(`echoes ${heard.join(' | ')}`)
  const again = new Promise((resolve) => feed.on('open', resolve, { once: true }))
  const lost = new Promise((resolve) => feed.on('close', resolve, { once: true }))
  feed.send('drop me')
  say(`lost with ${(await lost).code}`)
  await again
  const iterator = feed.messages()
  feed.send('again')
  say(`after that ${(await iterator.next()).value}`)
  const controller = new AbortController()
  const waits = feed.messages({ signal: controller.signal })
  controller.abort()
  say(`aborted ${(await waits.next()).done}`)
  say(`readable ${named(() => feed.readable)}`)
  say(`writable ${named(() => feed.writable)}`)
  const closed = feed.ended()
  void feed.close(4001, 'grüße')
  say(`closed ${JSON.stringify(await closed).replace(/,"wasClean":\w+/, '')}`)
}

async function dropIn() {
  const options = { maxRetries: 0 }
  const socket = named(() => new ReconnectingWebSocket(url, ['chat'], options))
  if (typeof socket === 'string') return say(socket)
  const heard = []
  for (const type of ['open', 'message', 'close']) {
    socket.addEventListener(type, (event) => {
      const { data, code, reason } = event
      const said =
        typeof data === 'object' ? `blob of ${data.size}` : (data ?? [code, reason].filter(Boolean).join(' '))
      heard.push(`${type} ${said} ${event.target === socket}`)
    })
  }
  await new Promise((resolve) => (socket.onopen = resolve))
  say(`drop-in open ${socket.protocol} ${socket.readyState} ${socket instanceof globalThis.EventTarget}`)
  const echoed = new Promise((resolve) => (socket.onmessage = resolve))
  socket.send('x')
  say(`drop-in data ${(await echoed).data} from ${(await echoed).origin.replace(/127.*?\d+(?=\/|$)/, 'here')}`)
  const blob = new Promise((resolve) => (socket.onmessage = resolve))
  socket.send(Uint8Array.of(1, 2, 3))
  await blob
  say(`drop-in refuses ${[[1], [1000, 'x'.repeat(124)]].map((args) => named(() => socket.close(...args))).join(' / ')}`)
  const closed = new Promise((resolve) => (socket.onclose = resolve))
  socket.close(1000, 'ü\uD800')
  await closed
  say(`drop-in heard ${heard.join(' | ')}`)
  const Bound = ReconnectingWebSocket.with(options)
  class Sub extends Bound {}
  const bound = [new Bound(url), new Sub(url)]
  await Promise.all(bound.map((each) => new Promise((resolve) => each.addEventListener('open', resolve))))
  say(`drop-in bound ${bound.map((each) => each instanceof ReconnectingWebSocket).join()}`)
  for (const each of bound) each.close()
  say(`drop-in refuses ${named(() => new ReconnectingWebSocket('nonsense'))}`)
  say(`drop-in refuses ${named(() => new ReconnectingWebSocket(url, ['a', 'a']))}`)
}

async function simulated() {
  const transport = new testing.FakeTransport()
  const clock = new testing.TestClock()
  const feed = createConnection('https://example.com/feed?a=1', { transport, clock })
  await testing.settle()
  transport.last.accept()
  let seen = 0
  feed.inspect(() => seen++)
  await clock.advance(31_000)
  say(`kit ${feed.url} ${machine.connectionMachine.id} ${typeof inspect.linkViewer} ${seen > 0}`)
  void feed.close()
  for (const wrong of ['nonsense', 'ftp://example.com/', 'wss://example.com/#x']) {
    say(`refuses ${named(() => createConnection(wrong))}`)
  }
  const read = createConnection('wss://example.com/', { transport, clock })
  await testing.settle()
  transport.last.accept()
  const letters = []
  const reading = (async () => {
    for await (const letter of read) letters.push(letter)
  })()
  for (const letter of ['a', 'b', 'c']) transport.last.message(letter)
  void read.close()
  transport.last.end({ code: 1000, wasClean: true })
  await reading
  say(`iterates ${letters.join(', ')} and ends`)
}

void connection()
  .then(dropIn)
  .then(simulated)
  .catch((error) => say(`FAILED ${error.stack ?? error}`))
  .then(done)
