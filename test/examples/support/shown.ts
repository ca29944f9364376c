// What a user of an example sees, and does.
import type { Browser, Page } from 'playwright'

export class Shown {
  readonly page: Page
  /** What the page did not catch. */
  readonly uncaught: string[] = []

  private constructor(page: Page) {
    this.page = page
    page.on('pageerror', (error) => this.uncaught.push(String(error)))
  }

  static async open(browser: Browser, url: string): Promise<Shown> {
    const context = await browser.newContext()
    const page = await context.newPage()
    // Some of what is shown is gone after a quarter of a second: the page keeps it.
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

  /** The page says something like it, after what it was last seen to say. */
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
