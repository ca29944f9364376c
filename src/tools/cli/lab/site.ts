import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { observe, type InspectionMessage } from '../../inspect/index.js'
import { Breaker } from './faulty-server.js'
import { compiledName } from './engine.js'
import { faultList } from './faults.js'
import { parseOrder, type CheckedOrder } from './commands.js'
import type { Side, Told } from './protocol.js'
import type { Rig } from './rig.js'
import { describeSettings } from './settings.js'

/** Between two rows of counts. Milliseconds. */
const countEvery = 250

/** No order is longer. Characters. */
const longestOrder = 1_000

/** A page of the package, found by the package's name: where this file is depends on whether it is the source or what was made of it. */
const packaged = (path: string): string =>
  readFileSync(join(dirname(createRequire(import.meta.url).resolve('statewire/package.json')), 'dist', path), 'utf8')

/** The lab as a page: the viewer, buttons that break things, and a connection in the browser beside the one in this process. */
export class Site implements AsyncDisposable {
  readonly #rig: Rig
  /** The server of the page's connection, which fails by itself. */
  readonly #breaker: Breaker
  readonly #http: Server
  readonly #visitors = new Set<(told: Told) => void>()
  readonly #offs: (() => void)[]
  readonly #pages: Readonly<Record<string, string>>

  /** `port`: 0 for any that is free. */
  static async start(rig: Rig, port = 0): Promise<Site> {
    const pages = { '/': packaged('lab/lab.html'), '/viewer.html': packaged('viewer/viewer.html') }
    const breaker = await Breaker.start()
    const http = createServer()
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject)
      http.listen(port, '127.0.0.1', resolve)
    }).catch(async (error: unknown) => {
      await breaker.close()
      throw error
    })
    return new Site(rig, breaker, http, pages)
  }

  private constructor(rig: Rig, breaker: Breaker, http: Server, pages: Readonly<Record<string, string>>) {
    this.#rig = rig
    this.#breaker = breaker
    this.#http = http
    this.#pages = pages
    http.on('request', (request, response) => this.#answer(request, response))
    const changed = (): void => {
      for (const tell of this.#visitors) tell(this.#faults())
    }
    this.#offs = [rig.breaker, breaker].map((each) => each.on(changed))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/`
  }

  /** Leaves nothing behind. */
  async close(): Promise<void> {
    for (const off of this.#offs) off()
    this.#http.closeAllConnections()
    await new Promise((resolve) => this.#http.close(resolve))
    await this.#breaker.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = '/', headers } = request
    const { port } = this.#http.address() as AddressInfo
    const host = headers.host ?? ''
    // Any page on the internet may dial the loopback interface, also under a name of its own that it points here.
    const isUs = host === `127.0.0.1:${port}` || host === `localhost:${port}`
    const isOwn = headers.origin === `http://${host}`
    if (!isUs || (headers.origin !== undefined && !isOwn)) return refuse(response, 403)
    if (method === 'POST' && url === '/do') return isOwn ? this.#take(request, response) : refuse(response, 403)
    if (method !== 'GET') return refuse(response, 405)
    if (url === '/events') return this.#welcome(response)
    const page = this.#pages[url]
    if (page === undefined) return refuse(response, 404)
    response.writeHead(200, { ...always, ...(url === '/' ? this.#labHeaders(host) : viewerHeaders) }).end(page)
  }

  #labHeaders(host: string): Readonly<Record<string, string>> {
    // What the page may do besides is in the page.
    const connect = `connect-src http://${host} ${new URL(this.#breaker.server.url).origin}`
    return { 'Content-Type': html, 'Content-Security-Policy': `${connect}; frame-ancestors 'none'` }
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    let text = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      if (text.length <= longestOrder) text += chunk
    })
    request.on('end', () => {
      const order = text.length > longestOrder ? undefined : parseOrder(text)
      if (order === undefined) return refuse(response, 400)
      this.#obey(order).then(
        () => response.writeHead(204, always).end(),
        // The port may be somebody else's by now.
        (error: unknown) => response.writeHead(500, { ...always, 'Content-Type': plain }).end(String(error)),
      )
    })
  }

  async #obey(order: CheckedOrder): Promise<void> {
    const { connection } = this.#rig
    switch (order.act) {
      case 'strike':
        await Promise.all(order.sides.map((side) => this.#breakerOf(side).strike(order.fault)))
        return
      case 'heal':
        await Promise.all(order.sides.map((side) => this.#breakerOf(side).heal()))
        return
      case 'lost':
        return this.#breaker.linkLost()
      case 'close':
        return void connection.close(1000, 'by hand')
      case 'open':
        return connection.open()
      case 'reconnect':
        return connection.reconnect()
    }
  }

  #breakerOf(side: Side): Breaker {
    return side === 'browser' ? this.#breaker : this.#rig.breaker
  }

  #faults(): Told {
    const [browser, node] = [this.#breaker.fault?.name, this.#rig.fault?.name]
    return { kind: 'faults', faults: { browser, node } }
  }

  /** Somebody looks; for so long the connection in this process is observed. */
  #welcome(response: ServerResponse): void {
    response.writeHead(200, { ...always, 'Content-Type': 'text/event-stream' })
    const tell = (told: Told): void => {
      // Who does not read is not waited for; its events come again when it is back.
      if (response.writableLength > 1 << 20) response.destroy()
      else response.write(`data: ${JSON.stringify(told)}\n\n`)
    }
    const faults = faultList.map(({ name, key, effect }) => ({ name, key, effect }))
    const engines = { browser: compiledName, node: this.#rig.engine }
    tell({ kind: 'hello', server: this.#breaker.server.url, faults, settings: describeSettings(), engines })
    tell(this.#faults())
    const off = observe(this.#rig.connection, (message) => tell({ kind: 'inspection', message: inProcess(message) }), {
      name: 'node',
    })
    const ticker = setInterval(() => tell({ kind: 'count', count: this.#rig.count }), countEvery)
    this.#visitors.add(tell)
    response.on('close', () => {
      this.#visitors.delete(tell)
      clearInterval(ticker)
      off()
    })
  }
}

const html = 'text/html; charset=utf-8'
const plain = 'text/plain; charset=utf-8'

/** For everything that is served. */
const always = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/** The viewer brings its own policy; besides that, it is only for our page, and without an origin. */
const viewerHeaders = {
  'Content-Type': html,
  'Content-Security-Policy': "frame-ancestors 'self'; sandbox allow-scripts allow-downloads",
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { ...always, 'Content-Type': plain }).end(`${status}\n`)
}

/** The page's own connection has ids like ours. */
function inProcess(message: InspectionMessage): InspectionMessage {
  const own = (id: string): string => `node/${id}`
  const { parentId, sourceId } = message as { parentId?: string; sourceId?: string }
  return {
    ...message,
    sessionId: own(message.sessionId),
    rootId: own(message.rootId),
    ...(parentId !== undefined && { parentId: own(parentId) }),
    ...(sourceId !== undefined && { sourceId: own(sourceId) }),
  }
}
