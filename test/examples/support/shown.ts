// What a user of an example sees and does.
import type { Browser, Page } from 'playwright'

export class Shown {
  readonly page: Page
  /** The page's uncaught errors. */
  readonly uncaught: string[] = []
  /** Its console output. */
  readonly logged: string[] = []

  private constructor(page: Page) {
    this.page = page
    page.on('console', (message) => this.logged.push(message.text()))
    page.on('pageerror', (error) => this.uncaught.push(String(error)))
  }

  static async open(browser: Browser, url: string): Promise<Shown> {
    const context = await browser.newContext()
    const page = await context.newPage()
    // Some texts disappear after a quarter of a second, so the page records them.
    await page.addInitScript(() => {
      const said: string[] = []
      Object.assign(globalThis, { said, since: 0 })
      const look = (): void => {
        const text = document.querySelector('output')?.textContent
        if (text && text !== said.at(-1)) said.push(text)
      }
      new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true })
    })
    const shown = new Shown(page)
    await page.goto(url)
    return shown
  }

  /** Waits until the page shows a matching text after the last one seen. */
  async says(pattern: RegExp, timeout = 20_000): Promise<void> {
    await this.page
      .waitForFunction(
        (source) => {
          const it = globalThis as unknown as { said: string[]; since: number }
          const at = it.said.findIndex((text, at) => at >= it.since && new RegExp(source).test(text))
          if (at === -1) return false
          it.since = at + 1
          return true
        },
        pattern.source,
        { timeout },
      )
      .catch(async () => {
        throw new Error(`the page did not say ${pattern} within ${timeout} ms, but: ${(await this.said()).join(' | ')}`)
      })
  }

  said(): Promise<string[]> {
    return this.page.evaluate(() => (globalThis as unknown as { said: string[] }).said)
  }

  async send(text: string): Promise<void> {
    await this.page.getByLabel('Message').fill(text)
    await this.page.getByRole('button').click()
  }

  /** The message is among the last ones, once. */
  async lists(text: string): Promise<void> {
    await this.page.getByRole('listitem').filter({ hasText: text }).waitFor({ timeout: 20_000 })
  }

  messages(): Promise<string[]> {
    return this.page.getByRole('listitem').allTextContents()
  }

  async close(): Promise<void> {
    await this.page.context().close()
  }
}
