// Debian's Firefox, driven from outside over WebDriver BiDi, which it implements itself: no driver is needed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'
import { Page } from './browser.js'
import { spawn } from '../../support/processes.js'

export const executablePath = process.env['FIREFOX'] ?? '/usr/bin/firefox-esr'

/** Disables background requests. Nothing here concerns WebSockets, which keep their defaults. */
const preferences = {
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,#remote-settings-dummy/v1',
  'toolkit.telemetry.server': 'data:,',
}

interface Answer {
  readonly id?: number
  readonly type: 'success' | 'error' | 'event'
  readonly result?: unknown
  readonly message?: string
}

/** One session of WebDriver BiDi: https://www.w3.org/TR/webdriver-bidi/ */
class Session {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #last = 0

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer) => {
      const answer = JSON.parse(data.toString()) as Answer
      if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer)
    })
  }

  send<T>(method: string, params: object): Promise<T> {
    const id = ++this.#last
    this.#socket.send(JSON.stringify({ id, method, params }))
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ type, result, message }) => {
        this.#waiting.delete(id)
        if (type === 'success') resolve(result as T)
        else reject(new Error(`${method}: ${message ?? 'no reason given'}`))
      })
    })
  }
}

export class Firefox implements AsyncDisposable {
  readonly #session: Session
  readonly #end: () => Promise<void>

  private constructor(session: Session, end: () => Promise<void>) {
    this.#session = session
    this.#end = end
  }

  static async launch(): Promise<Firefox> {
    const profile = mkdtempSync(join(tmpdir(), 'statewire-'))
    const lines = Object.entries(preferences).map(
      ([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`,
    )
    writeFileSync(join(profile, 'user.js'), lines.join(''))
    const child = spawn(
      executablePath,
      ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'],
      // A process group of its own, because it runs many processes; a home of its own, because it would write to the
      // user's.
      { stdio: ['ignore', 'ignore', 'pipe'], detached: true, env: { ...process.env, HOME: profile, NO_PROXY: '*' } },
    )
    const exited = new Promise((resolve) => child.once('close', resolve))
    const kill = (): void => {
      try {
        process.kill(-child.pid!, 'SIGKILL')
      } catch {
        // It has already exited.
      }
    }
    // In case the tests exit before they can end it.
    process.once('exit', kill)
    const end = async (): Promise<void> => {
      process.off('exit', kill)
      kill()
      await exited
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    }
    try {
      const address = await new Promise<string>((resolve, reject) => {
        child.once('error', reject)
        const said: string[] = []
        const output = createInterface({ input: child.stderr })
        output.on('line', (line) => {
          said.push(line)
          const found = /WebDriver BiDi listening on (ws:\S+)/.exec(line)
          if (found) resolve(found[1]!)
        })
        output.on('close', () => reject(new Error(`Firefox ended:\n${said.join('\n')}`)))
      })
      const socket = new WebSocket(`${address}/session`)
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
      const session = new Session(socket)
      await session.send('session.new', { capabilities: {} })
      return new Firefox(session, end)
    } catch (error) {
      await end()
      throw error
    }
  }

  async open(url: string): Promise<FirefoxPage> {
    const { context } = await this.#session.send<{ context: string }>('browsingContext.create', { type: 'tab' })
    const page = new FirefoxPage(this.#session, context)
    await page.goto(url)
    return page
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end()
  }
}

interface Evaluated {
  readonly type: 'success' | 'exception'
  readonly result?: { readonly value?: string }
  readonly exceptionDetails?: { readonly text: string }
}

export class FirefoxPage extends Page {
  readonly #session: Session
  readonly #context: string

  constructor(session: Session, context: string) {
    super()
    this.#session = session
    this.#context = context
  }

  override async evaluate<T>(expression: string): Promise<T> {
    const { type, result, exceptionDetails } = await this.#session.send<Evaluated>('script.evaluate', {
      // As JSON, because BiDi has its own notation for values.
      expression: `(async () => JSON.stringify(await (${expression})))()`,
      target: { context: this.#context },
      awaitPromise: true,
    })
    if (type !== 'success') throw new Error(`${expression}: ${exceptionDetails?.text ?? 'failed'}`)
    return (result?.value === undefined ? undefined : JSON.parse(result.value)) as T
  }

  override async goto(url: string): Promise<void> {
    await this.#session.send('browsingContext.navigate', { context: this.#context, url, wait: 'complete' })
  }

  override async back(): Promise<void> {
    await this.#session.send('browsingContext.traverseHistory', { context: this.#context, delta: -1 })
  }

  override async reload(): Promise<void> {
    await this.#session.send('browsingContext.reload', { context: this.#context, wait: 'complete' })
  }

  override async close(): Promise<void> {
    await this.#session.send('browsingContext.close', { context: this.#context })
  }
}
