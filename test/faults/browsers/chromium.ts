// Chromium, driven from outside.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type CDPSession, type LaunchOptions, type Page as Driven } from 'playwright'
import { chromiumArgs, chromiumPath } from '../../support/chromium.js'
import { freePort, Page } from './browser.js'

export function launch(options: LaunchOptions = {}): Promise<Browser> {
  // Its default would keep pages out of the back/forward cache.
  return chromium.launch({
    executablePath: chromiumPath,
    args: chromiumArgs,
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    ...options,
  })
}

/** Chromium in a network namespace. Its driver uses a pipe, which crosses the namespace border. */
export async function launchIn(namespace: string): Promise<AsyncDisposable & { readonly browser: Browser }> {
  const directory = mkdtempSync(join(tmpdir(), 'statewire-'))
  const wrapper = join(directory, 'chromium')
  writeFileSync(wrapper, `#!/bin/sh\nexec ip netns exec ${namespace} ${chromiumPath} "$@"\n`)
  chmodSync(wrapper, 0o755)
  const browser = await launch({ executablePath: wrapper })
  return {
    browser,
    async [Symbol.asyncDispose]() {
      await browser.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/**
 * Chromium without a driver's changes: background pages are hidden, hidden pages are throttled, and frozen ones frozen.
 * Its tabs share one window.
 */
export async function launchPlain(
  ...flags: string[]
): Promise<AsyncDisposable & { open(url: string): Promise<ChromiumPage> }> {
  const port = await freePort()
  const owner = await launch({
    args: [...chromiumArgs, `--remote-debugging-port=${port}`, ...flags],
    ignoreDefaultArgs: [
      '--disable-back-forward-cache',
      '--disable-background-timer-throttling',
      '--disable-backgrounding-occluded-windows',
      '--disable-renderer-backgrounding',
    ],
  })
  // A second client: the one that launched it makes every page believe that it has the focus.
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true })
  return {
    async open(url) {
      const page = await ChromiumPage.of(await browser.contexts()[0]!.newPage())
      await page.goto(url)
      return page
    },
    async [Symbol.asyncDispose]() {
      await browser.close()
      await owner.close()
    },
  }
}

export class ChromiumPage extends Page {
  readonly driven: Driven
  readonly cdp: CDPSession

  private constructor(driven: Driven, cdp: CDPSession) {
    super()
    this.driven = driven
    this.cdp = cdp
  }

  static async of(driven: Driven): Promise<ChromiumPage> {
    return new ChromiumPage(driven, await driven.context().newCDPSession(driven))
  }

  static async open(browser: Browser, url: string): Promise<ChromiumPage> {
    const context = await browser.newContext()
    const page = await ChromiumPage.of(await context.newPage())
    await page.goto(url)
    return page
  }

  override evaluate<T>(expression: string): Promise<T> {
    return this.driven.evaluate<T>(expression)
  }

  override async goto(url: string): Promise<void> {
    await this.driven.goto(url)
  }

  override async back(): Promise<void> {
    // A page restored from the back/forward cache does not load, so there is no load event to wait for.
    await this.driven.goBack({ waitUntil: 'commit' })
  }

  override async reload(): Promise<void> {
    await this.driven.reload()
  }

  override async close(): Promise<void> {
    await this.driven.close()
    await this.driven.context().close()
  }
}

/** The tab of a page that crashed. The driver of the page has given it up; the browser hasn't. */
export class CrashedPage extends Page {
  readonly #cdp: CDPSession

  private constructor(cdp: CDPSession) {
    super()
    this.#cdp = cdp
  }

  static async crash({ driven, cdp }: ChromiumPage): Promise<CrashedPage> {
    const crashed = driven.waitForEvent('crash')
    // Never answered.
    cdp.send('Page.crash').catch(() => {})
    await crashed
    return new CrashedPage(cdp)
  }

  override async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.#cdp.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value as T
  }

  override async goto(url: string): Promise<void> {
    await this.#cdp.send('Page.navigate', { url })
    await this.ready()
  }

  override async back(): Promise<void> {
    await this.evaluate('history.back()')
  }

  override async reload(): Promise<void> {
    await this.#cdp.send('Page.reload')
    await this.ready()
  }

  override async close(): Promise<void> {
    await this.#cdp.send('Page.close')
  }
}
