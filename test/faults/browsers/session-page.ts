// A page with a session that survives it, and a session server in this process, with a fault server between them.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { Continuity, ResumeOptions } from '../../../src/resume/index.js'
import {
  sessionServer,
  type Session,
  type SessionServer,
  type SessionServerOptions,
} from '../../../src/server/index.js'
import { createFaultServer, type FaultServer } from '../../../src/tools/testing/index.js'
import type { Told } from '../network/peers.js'
import { is, type Page } from './browser.js'

/** Keeps what the sessions of its pages send. A message that begins with `slow` is handled once `release` is called. */
export class Sessions implements AsyncDisposable {
  readonly made: Session[] = []
  /** What each session received, by its place in `made`. */
  readonly got: { readonly number: number; readonly text: string }[][] = []
  readonly faulty: FaultServer
  readonly server: SessionServer
  release = (): void => {}
  readonly #sockets: WebSocketServer

  private constructor(sockets: WebSocketServer, server: SessionServer, faulty: FaultServer) {
    this.#sockets = sockets
    this.server = server
    this.faulty = faulty
    const slow = new Promise<void>((resolve) => (this.release = resolve))
    server.on('session', (session) => {
      const got: (typeof this.got)[number] = []
      this.made.push(session)
      this.got.push(got)
      session.on('message', (message, { number }) => {
        const text = String(message)
        got.push({ number, text })
        return text.startsWith('slow') ? slow : undefined
      })
    })
  }

  static async start(options: Partial<SessionServerOptions> = {}): Promise<Sessions> {
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(sockets, 'listening')
    const server = sessionServer({
      server: sockets,
      authenticate: () => ({ principal: 'ann' }),
      ack: { every: 1 },
      ...options,
    })
    const faulty = await createFaultServer({ upstream: `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}` })
    return new Sessions(sockets, server, faulty)
  }

  texts(at = 0): string[] {
    return this.got[at]!.map(({ text }) => text)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release()
    await this.faulty.close()
    await this.server.close()
    await new Promise((resolve) => void this.#sockets.close(resolve))
  }
}

/** Options of the page's session. */
export interface SessionSettings extends Pick<ResumeOptions, 'ack' | 'heartbeat'> {
  /** Of `persist`. */
  readonly outbox?: boolean
}

/** In the page. What was heard survives it, as the session does. */
const beginning = `async (url, { outbox, ...options }) => {
  const { resumable } = await import('/dist/src/resume/index.js')
  globalThis.session = resumable({ ...options, persist: { storage: sessionStorage, key: 'session', outbox } })
  session.on('continuity', (event) => tell('continuity', event))
  start(url, { heartbeat: undefined, features: [session] })
  connection.on('message', (message) => sessionStorage.setItem('heard', (sessionStorage.getItem('heard') ?? '') + message + ' '))
  /** Sends the next message, unless it would wait in the queue, which ends with the page. */
  globalThis.sendNext = () => {
    if (session.state !== 'attached') return
    const next = Number(sessionStorage.getItem('said') ?? 0) + 1
    sessionStorage.setItem('said', next)
    connection.send(String(next))
  }
}`

/** Begins the session, or resumes the one of the page before. Returns the first report of what became of it. */
export async function begin(page: Page, { faulty }: Sessions, settings: SessionSettings = {}): Promise<Told> {
  await page.evaluate(`(${beginning})('${faulty.url}', ${JSON.stringify(settings)})`)
  return page.until('continuity', is('continuity'))
}

export const continuities = async (page: Page): Promise<Continuity[]> =>
  (await page.all('continuity')) as unknown as Continuity[]

/** What all pages of the tab heard. */
export const heard = async (page: Page): Promise<string[]> =>
  ((await page.evaluate<string | null>(`sessionStorage.getItem('heard')`)) ?? '').split(' ').slice(0, -1)

export const said = (page: Page): Promise<number> => page.evaluate(`Number(sessionStorage.getItem('said') ?? 0)`)

export const upTo = (count: number): string[] => Array.from({ length: count }, (_, at) => String(at + 1))
