// A connection inside the reactive state of each library that wraps its values: every method works there.
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { WebSocketServer } from 'ws'
import { built, script, testWith } from './support/child.js'

let server: WebSocketServer
let url: string
beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) =>
    socket.on('message', (data, isBinary) => socket.send(data as Buffer, { binary: isBinary })),
  )
  await new Promise((resolve) => server.once('listening', resolve))
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => {
  for (const socket of server.clients) socket.terminate()
  server.close()
})

const setting = `
  import { createConnection } from ${JSON.stringify(built('src/index.js'))}
  import { ReconnectingWebSocket } from ${JSON.stringify(built('src/websocket/index.js'))}
  import { wsTransport } from ${JSON.stringify(built('src/transports/ws.js'))}
  const url = process.argv[1]
  const make = () => createConnection(url, { transport: wsTransport(), autoOpen: false })
  const makeSocket = () => new ReconnectingWebSocket(url, [], { transport: wsTransport(), startClosed: true })

  /** Everything that it has, through what the state gives. \`keep\`: puts what it hands out into the state as well. */
  async function live(feed, keep = (value) => value) {
    const heard = []
    const off = feed.on('message', (message) => heard.push(message))
    const states = []
    const stop = feed.subscribe(({ state }) => states.push(state))
    feed.send('queued')
    heard.push(feed.withdraw().length, feed.state, feed.readyState, feed.url === url, feed.bufferedAmount)
    feed.open()
    await feed.opened()
    const reader = keep(feed.messages())
    const counts = feed.sendMany(['a', 'b'])
    await feed.drained()
    heard.push(counts.sent, (await reader.next()).value, (await reader.next()).value)
    await reader.return()
    const writer = keep(feed.writable).getWriter()
    const source = keep(feed.readable).getReader()
    await writer.write('c')
    heard.push((await source.read()).value)
    feed.binaryType = 'blob'
    feed.markHealthy()
    feed.inspect(() => {})()
    feed.reconnect()
    await feed.opened()
    off()
    stop()
    const { sent, received } = feed.counters
    heard.push(feed.binaryType, feed.protocol, feed.extensions, sent, received, feed.getSnapshot() === feed.status)
    const ended = feed.ended()
    await feed[Symbol.asyncDispose]()
    heard.push((await ended).code, feed.status.state, states.includes('open'))
    return heard
  }

  async function liveSocket(socket) {
    const heard = []
    const type = (event) => heard.push(event.type)
    socket.onopen = type
    socket.addEventListener('close', type)
    const message = new Promise((resolve) => socket.addEventListener('message', ({ data }) => resolve(data)))
    socket.reconnect()
    socket.send('x')
    heard.push(socket.readyState, socket.url === url, socket.retryCount, socket.shouldReconnect, socket.protocol)
    heard.push(await message, socket.readyState, socket.bufferedAmount, socket.extensions)
    socket.binaryType = 'arraybuffer'
    heard.push(socket.binaryType, typeof socket.connection.status, socket.drainQueuedMessages().length, typeof socket.onopen)
    const closed = new Promise((resolve) => socket.addEventListener('close', resolve))
    socket.close(4000, 'enough')
    await closed
    socket.removeEventListener('close', type)
    socket.dispatchEvent(new Event('close'))
    return heard
  }
  const print = (value) => { console.log(JSON.stringify(value)); process.exit() }
`

const connection = [1, 'idle', 0, true, 0, 2, 'a', 'b', 'c', 'blob', '', '', 3, 3, true, 1005, 'ended', true]
// A listener receives them as well.
const heardBesides = expect.arrayContaining(connection)
const socket = [0, true, 0, true, '', 'open', 'x', 1, 0, '', 'arraybuffer', 'object', 0, 'function', 'close']

/** `state`: an expression for reactive state that contains \`feed\` and \`socket\`, and how to add to it. */
const libraries: Record<string, { packages: string[]; setup: string }> = {
  'Vue, ref': {
    packages: ['vue'],
    setup: `const { ref } = require('vue')
      const state = (value) => ref(value).value`,
  },
  'Vue, reactive': {
    packages: ['vue'],
    setup: `const { reactive } = require('vue')
      const state = (value) => reactive({ deep: { value } }).deep.value`,
  },
  'Vue, shallowReactive and readonly': {
    packages: ['vue'],
    setup: `const { shallowReactive, readonly } = require('vue')
      const state = (value) => readonly(shallowReactive({ value })).value`,
  },
  'Vue, data() of a component': {
    packages: ['vue'],
    setup: `const { createSSRApp } = require('vue')
      const { renderToString } = require('vue/server-renderer')
      let seen
      const state = (value) => seen(value)
      await renderToString(createSSRApp({
        data: () => ({ held: { value: undefined } }),
        render() { return '' },
        created() { seen = (value) => { this.held.value = value; return this.held.value } },
      }))`,
  },
  Pinia: {
    packages: ['vue', 'pinia'],
    setup: `const { createPinia, defineStore, setActivePinia } = require('pinia')
      setActivePinia(createPinia())
      const useStore = defineStore('feed', { state: () => ({ value: undefined }) })
      const state = (value) => { useStore().value = value; return useStore().value }`,
  },
  Alpine: {
    packages: ['alpinejs', 'jsdom'],
    setup: `const { window } = new (require('jsdom').JSDOM)('<p></p>')
      for (const name of ['window', 'document', 'MutationObserver', 'Element', 'CustomEvent', 'Node', 'ShadowRoot']) globalThis[name] = window[name]
      const Alpine = require('alpinejs').default
      const state = (value) => Alpine.reactive({ deep: { value } }).deep.value`,
  },
  'MobX, observable': {
    packages: ['mobx'],
    setup: `const { observable } = require('mobx')
      const state = (value) => observable({ deep: { value } }).deep.value`,
  },
  'MobX, makeAutoObservable': {
    packages: ['mobx'],
    setup: `const { makeAutoObservable } = require('mobx')
      class Store { constructor(value) { this.value = value; makeAutoObservable(this) } }
      const state = (value) => new Store(value).value`,
  },
  'Immer, produce': {
    packages: ['immer'],
    setup: `const { produce } = require('immer')
      const state = (value) => produce(produce({ deep: {} }, (draft) => void (draft.deep.value = value)), (draft) => void (draft.n = 1)).deep.value`,
  },
  'Immer, freeze': {
    packages: ['immer'],
    setup: `const { freeze } = require('immer')
      const state = (value) => freeze({ deep: { value } }, true).deep.value`,
  },
  'Zustand with Immer': {
    packages: ['immer', 'zustand'],
    setup: `const { createStore } = require('zustand/vanilla')
      const { immer } = require('zustand/middleware/immer')
      const state = (value) => {
        const store = createStore(immer(() => ({ deep: {} })))
        store.setState((draft) => void (draft.deep.value = value))
        return store.getState().deep.value
      }`,
  },
  'Solid, createStore': {
    packages: ['solid-js'],
    setup: `const { dirname, join } = require('node:path')
      const folder = dirname(require.resolve('solid-js/package.json'))
      const { createStore } = await import(join(folder, 'store/dist/store.js'))
      const state = (value) => {
        const [store, set] = createStore({ deep: {} })
        set('deep', 'value', value)
        return store.deep.value
      }`,
  },
  'Svelte, $state': {
    packages: ['svelte'],
    setup: `const { compileModule } = require('svelte/compiler')
      const { dirname, join } = require('node:path')
      const { js } = compileModule('export const held = $state({ deep: {} })', { generate: 'client', filename: 'held.svelte.js' })
      const internal = join(dirname(require.resolve('svelte/package.json')), 'src/internal/client/index.js')
      const code = js.code.replace(/import ['"]svelte.internal.disclose-version['"];?/, '').replace('svelte/internal/client', internal)
      const { held } = await import('data:text/javascript,' + encodeURIComponent(code.replaceAll(internal, 'file://' + internal)))
      const state = (value) => { held.deep.value = value; return held.deep.value }`,
  },
  'Valtio, proxy': {
    packages: ['valtio'],
    setup: `const { proxy } = require('valtio/vanilla')
      const state = (value) => proxy({ deep: { value } }).deep.value`,
  },
  'Valtio, snapshot': {
    packages: ['valtio'],
    setup: `const { proxy, snapshot } = require('valtio/vanilla')
      const state = (value) => snapshot(proxy({ deep: { value } })).deep.value`,
  },
  'observer-util': {
    packages: ['@nx-js/observer-util'],
    setup: `const { observable } = require('@nx-js/observer-util')
      const state = (value) => observable({ deep: { value } }).deep.value`,
  },
  'a Proxy of one’s own': { packages: [], setup: `const state = (value) => new Proxy(value, {})` },
}

describe.each(Object.entries(libraries))('%s', (_, { packages, setup }) => {
  testWith(packages, 'contains a working connection', 120_000, async () => {
    const text = `${setting}
      ${setup}
      print(await live(state(make())))`
    expect(JSON.parse(await script(text, url))).toEqual(heardBesides)
  })

  testWith(packages, 'contains a working drop-in', 120_000, async () => {
    const text = `${setting}
      ${setup}
      print(await liveSocket(state(makeSocket())))`
    expect(JSON.parse(await script(text, url))).toEqual(socket)
  })
})

describe('the reactive state of Vue', () => {
  testWith(['vue'], 'does not wrap values from a connection or the testing entry', 120_000, async () => {
    const kit = JSON.stringify(built('src/tools/testing/index.js'))
    const text = `${setting}
      import { createFaultServer, FakeTransport, settle, TestClock } from ${kit}
      const { ref } = require('vue')
      const transport = new FakeTransport()
      const clock = new TestClock()
      const server = await createFaultServer()
      let raw
      const feed = createConnection(server.url, {
        transport: wsTransport(),
        prepare: (link) => void (raw = link),
      })
      await feed.opened()
      createConnection(url, { transport, clock })
      await settle()
      const all = {
        feed, reader: feed.messages(), readable: feed.readable, writable: feed.writable, raw, status: feed.status,
        transport, socket: transport.last, clock, server, link: server.links[0],
      }
      const state = ref(all)
      print(Object.keys(all).filter((name) => state.value[name] !== all[name]))`
    expect(JSON.parse(await script(text, url))).toEqual([])
  })
})

/** \`observed\`: an expression for a promise of the states observed in state that \`intoState\` sets. */
const observers: Record<string, { packages: string[]; setup: string }> = {
  Vue: {
    packages: ['vue'],
    setup: `const { reactive, watchEffect } = require('vue')
      const state = reactive({ status: undefined })
      watchEffect(() => saw(state.status), { flush: 'sync' })`,
  },
  Pinia: {
    packages: ['vue', 'pinia'],
    setup: `const { watchEffect } = require('vue')
      const { createPinia, defineStore, setActivePinia } = require('pinia')
      setActivePinia(createPinia())
      const state = defineStore('feed', { state: () => ({ status: undefined }) })()
      watchEffect(() => saw(state.status), { flush: 'sync' })`,
  },
  MobX: {
    packages: ['mobx'],
    setup: `const { autorun, configure, observable } = require('mobx')
      configure({ enforceActions: 'never' })
      const state = observable({ status: undefined })
      autorun(() => saw(state.status))`,
  },
  Valtio: {
    packages: ['valtio'],
    setup: `const { proxy, subscribe } = require('valtio/vanilla')
      const state = proxy({ status: undefined })
      subscribe(state, () => saw(state.status), true)`,
  },
  Immer: {
    packages: ['immer', 'zustand'],
    setup: `const { createStore } = require('zustand/vanilla')
      const { immer } = require('zustand/middleware/immer')
      const store = createStore(immer(() => ({ status: undefined })))
      store.subscribe(({ status }) => saw(status))
      const state = { set status(status) { store.setState((draft) => void (draft.status = status)) } }`,
  },
}

describe.each(Object.entries(observers))('the reactive state of %s', (_, { packages, setup }) => {
  testWith(packages, 'updates with each status assigned to it', 120_000, async () => {
    const text = `${setting}
      const seen = []
      const saw = (status) => seen.push(status?.state)
      ${setup}
      const feed = make()
      feed.subscribe((status) => (state.status = status))
      feed.open()
      await feed.opened()
      await feed.close()
      print(seen.filter((each, at) => each !== undefined && each !== seen[at - 1]))`
    expect(JSON.parse(await script(text, url))).toEqual(['idle', 'connecting', 'open', 'closing', 'ended'])
  })
})
