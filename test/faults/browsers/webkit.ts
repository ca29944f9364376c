// WebKitGTK, driven from outside by its WebDriver. Its pages need a display.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, Page } from './browser.js'
import { spawn } from '../../support/processes.js'

const miniBrowser = process.env['MINIBROWSER'] ?? '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser'
const xvfbRun = '/usr/bin/xvfb-run'

/** Required files; returns the first missing one. */
export const executablePath =
  [miniBrowser, '/usr/bin/WebKitWebDriver', xvfbRun, '/usr/bin/xauth'].find((path) => !existsSync(path)) ?? miniBrowser

/** One session of WebDriver: https://www.w3.org/TR/webdriver2/ */
export class WebKit implements AsyncDisposable {
  readonly #session: string
  /** The session's first window. It stays, because the browser exits with its last page. */
  readonly #first: string
  readonly #end: () => Promise<void>

  private constructor(session: string, first: string, end: () => Promise<void>) {
    this.#session = session
    this.#first = first
    this.#end = end
  }

  static async launch(): Promise<WebKit> {
    const home = mkdtempSync(join(tmpdir(), 'statewire-'))
    const port = await freePort()
    const child = spawn(xvfbRun, ['-a', '-f', join(home, 'Xauthority'), 'WebKitWebDriver', `--port=${port}`], {
      stdio: 'ignore',
      // A process group of its own, because it runs many processes; a home of its own, because it would write to the
      // user's.
      detached: true,
      env: { ...process.env, HOME: home },
    })
    const exited = new Promise<never>((_, reject) =>
      child.once('error', reject).once('close', (code) => reject(new Error(`WebKitWebDriver ended with ${code}`))),
    )
    exited.catch(() => {})
    const kill = (): void => {
      try {
        process.kill(-child.pid!, 'SIGKILL')
      } catch {
        // It has exited.
      }
    }
    // In case the tests exit before `end` runs.
    process.once('exit', kill)
    const end = async (): Promise<void> => {
      process.off('exit', kill)
      kill()
      await exited.catch(() => {})
      rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    }
    const base = `http://127.0.0.1:${port}`
    try {
      await Promise.race([exited, answering(`${base}/status`)])
      const options = { binary: miniBrowser, args: ['--automation'] }
      const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': options } }
      const { sessionId } = await command<{ sessionId: string }>('POST', `${base}/session`, { capabilities })
      const session = `${base}/session/${sessionId}`
      const first = await command<string>('GET', `${session}/window`)
      return new WebKit(session, first, async () => {
        // MiniBrowser isn't in the driver's process group: the driver ends it.
        await command('DELETE', session).catch(() => {})
        await end()
      })
    } catch (error) {
      await end()
      throw error
    }
  }

  async open(url: string): Promise<WebKitPage> {
    // A new window is opened from an existing one.
    await command('POST', `${this.#session}/window`, { handle: this.#first })
    const { handle } = await command<{ handle: string }>('POST', `${this.#session}/window/new`, { type: 'window' })
    const page = new WebKitPage(this.#session, handle)
    await page.goto(url)
    return page
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end()
  }
}

export class WebKitPage extends Page {
  readonly #session: string
  readonly #handle: string

  constructor(session: string, handle: string) {
    super()
    this.#session = session
    this.#handle = handle
  }

  override async evaluate<T>(expression: string): Promise<T> {
    await this.#bringToFront()
    const script = `const done = arguments[0]
      Promise.resolve(${expression}).then((value) => done({ value: JSON.stringify(value) }), (error) => done({ error: String(error) }))`
    const { value, error } = await command<{ value?: string; error?: string }>(
      'POST',
      `${this.#session}/execute/async`,
      { script, args: [] },
    )
    if (error !== undefined) throw new Error(`${expression}: ${error}`)
    return (value === undefined ? undefined : JSON.parse(value)) as T
  }

  override async goto(url: string): Promise<void> {
    await this.#bringToFront()
    await command('POST', `${this.#session}/url`, { url })
  }

  override async back(): Promise<void> {
    await this.#bringToFront()
    await command('POST', `${this.#session}/back`, {})
  }

  override async reload(): Promise<void> {
    await this.#bringToFront()
    await command('POST', `${this.#session}/refresh`, {})
  }

  override async close(): Promise<void> {
    await this.#bringToFront()
    await command('DELETE', `${this.#session}/window`)
  }

  /** Every command applies to the current window. */
  async #bringToFront(): Promise<void> {
    await command('POST', `${this.#session}/window`, { handle: this.#handle })
  }
}

async function command<T>(method: string, url: string, body?: object): Promise<T> {
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) })
  const { value } = (await response.json()) as { value: T & { message?: string } }
  if (!response.ok) throw new Error(`${method} ${new URL(url).pathname}: ${value.message ?? response.statusText}`)
  return value
}

async function answering(url: string): Promise<void> {
  for (;;) {
    try {
      await command('GET', url)
      return
    } catch {
      await sleep(100)
    }
  }
}
