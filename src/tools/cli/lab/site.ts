import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { observe, type InspectionMessage } from '../../inspect/index.js'
import { faultList } from './faults.js'
import { FaultyServer } from './faulty-server.js'
import { parseCommand, type CheckedCommand, type Side, type Told } from './protocol.js'
import { compiledName, type Rig } from './rig.js'
import { SessionNodes } from './session-nodes.js'
import { describeSession, describeSettings, describeTerms } from './settings.js'

/** Between two `count` messages. Milliseconds. */
const countEvery = 250

/** Every command is shorter. Characters. */
const longestCommand = 1_000

/** Reads a built page, found by package name: this file runs from `src` and from `dist`. */
const packaged = (path: string): string =>
  readFileSync(join(dirname(createRequire(import.meta.url).resolve('statewire/package.json')), 'dist', path), 'utf8')

/** Serves the lab's page: the viewer, buttons that inject faults, and a connection in the browser beside the one in this process. */
export class Site implements AsyncDisposable {
  readonly #rig: Rig
  /** The server for the page's connection, separate from the rig's. */
  readonly #faultyServer: FaultyServer
  readonly #nodes: SessionNodes
  readonly #http: Server
  readonly #visitors = new Set<(told: Told) => void>()
  readonly #offs: (() => void)[]
  readonly #pages: Readonly<Record<string, string>>

  /** `port`: 0 for any free port. */
  static async start(rig: Rig, port = 0): Promise<Site> {
    const pages = { '/': packaged('lab/lab.html'), '/viewer.html': packaged('viewer/viewer.html') }
    const nodes = await SessionNodes.start()
    const faultyServer = await FaultyServer.start(nodes.urls)
    const http = createServer()
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject)
      http.listen(port, '127.0.0.1', resolve)
    }).catch(async (error: unknown) => {
      await faultyServer.close()
      await nodes.close()
      throw error
    })
    return new Site(rig, faultyServer, nodes, http, pages)
  }

  private constructor(
    rig: Rig,
    faultyServer: FaultyServer,
    nodes: SessionNodes,
    http: Server,
    pages: Readonly<Record<string, string>>,
  ) {
    this.#rig = rig
    this.#faultyServer = faultyServer
    this.#nodes = nodes
    this.#http = http
    this.#pages = pages
    http.on('request', (request, response) => this.#answer(request, response))
    const telling = (told: () => Told) => (): void => {
      for (const tell of this.#visitors) tell(told())
    }
    const faults = telling(() => this.#faults())
    this.#offs = [
      ...[rig.faultyServer, faultyServer].map((each) => each.on(faults)),
      nodes.on(telling(() => ({ kind: 'nodes', up: nodes.up }))),
    ]
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/`
  }

  /** Stops serving, and closes the page's server. */
  async close(): Promise<void> {
    for (const off of this.#offs) off()
    this.#http.closeAllConnections()
    await new Promise((resolve) => this.#http.close(resolve))
    await this.#faultyServer.close()
    await this.#nodes.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = '/', headers } = request
    const { port } = this.#http.address() as AddressInfo
    const host = headers.host ?? ''
    // Any website can send requests to the loopback interface, also under its own host name (DNS rebinding).
    const isLoopback = host === `127.0.0.1:${port}` || host === `localhost:${port}`
    const isOwn = headers.origin === `http://${host}`
    if (!isLoopback || (headers.origin !== undefined && !isOwn)) return refuse(response, 403)
    if (method === 'POST' && url === '/do') return isOwn ? this.#take(request, response) : refuse(response, 403)
    if (method !== 'GET') return refuse(response, 405)
    if (url === '/events') return this.#stream(response)
    const page = this.#pages[url]
    if (page === undefined) return refuse(response, 404)
    response.writeHead(200, { ...always, ...(url === '/' ? this.#labHeaders(host) : viewerHeaders) }).end(page)
  }

  #labHeaders(host: string): Readonly<Record<string, string>> {
    // The rest of the policy is in the page.
    const { server, fronts } = this.#faultyServer
    const connect = ['connect-src', `http://${host}`, ...[server, ...fronts].map(({ url }) => new URL(url).origin)]
    return { 'Content-Type': html, 'Content-Security-Policy': `${connect.join(' ')}; frame-ancestors 'none'` }
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    let text = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      if (text.length <= longestCommand) text += chunk
    })
    request.on('end', () => {
      const command = text.length > longestCommand ? undefined : parseCommand(text)
      if (command === undefined) return refuse(response, 400)
      this.#run(command).then(
        () => response.writeHead(204, always).end(),
        // Another process may have taken the port.
        (error: unknown) => response.writeHead(500, { ...always, 'Content-Type': plain }).end(String(error)),
      )
    })
  }

  async #run(command: CheckedCommand): Promise<void> {
    const { connection } = this.#rig
    switch (command.act) {
      case 'inject':
        await Promise.all(command.sides.map((side) => this.#serverOf(side).inject(command.fault)))
        return
      case 'heal':
        await Promise.all(command.sides.map((side) => this.#serverOf(side).heal()))
        return
      case 'link-lost':
        return this.#faultyServer.linkLost()
      case 'kill-node':
        return this.#nodes.kill(command.node)
      case 'start-node':
        return this.#nodes.start(command.node)
      case 'close':
        return void connection.close(1000, 'by hand')
      case 'open':
        return connection.open()
      case 'reconnect':
        return connection.reconnect()
    }
  }

  #serverOf(side: Side): FaultyServer {
    return side === 'browser' ? this.#faultyServer : this.#rig.faultyServer
  }

  #faults(): Told {
    const [browser, node] = [this.#faultyServer.fault?.name, this.#rig.fault?.name]
    return { kind: 'faults', faults: { browser, node } }
  }

  /** Streams events to a page. The connection in this process is observed only while a page listens. */
  #stream(response: ServerResponse): void {
    response.writeHead(200, { ...always, 'Content-Type': 'text/event-stream' })
    const tell = (told: Told): void => {
      // Drops a page that doesn't read. It reconnects and gets everything again.
      if (response.writableLength > 1 << 20) response.destroy()
      else response.write(`data: ${JSON.stringify(told)}\n\n`)
    }
    const faults = faultList.map(({ name, key, effect }) => ({ name, key, effect }))
    const engines = { browser: compiledName, node: this.#rig.engine }
    tell({
      kind: 'hello',
      server: this.#faultyServer.server.url,
      nodes: (['A', 'B'] as const).map((name, at) => ({ name, url: this.#faultyServer.fronts[at]!.url })),
      session: describeSession(),
      faults,
      settings: describeSettings(),
      terms: describeTerms(),
      engines,
    })
    tell(this.#faults())
    tell({ kind: 'nodes', up: this.#nodes.up })
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

/** Headers of every response. */
const always = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/** The viewer has its own policy. In addition, only the lab's page may embed it, and it gets no origin. */
const viewerHeaders = {
  'Content-Type': html,
  'Content-Security-Policy': "frame-ancestors 'self'; sandbox allow-scripts allow-downloads",
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { ...always, 'Content-Type': plain }).end(`${status}\n`)
}

/** Prefixes the ids: the page's own connection has ids of the same form. */
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
