import { chromium } from 'playwright'
import { labFaults } from '../../src/tools/cli/lab/faults.js'
import { Rig } from '../../src/tools/cli/lab/rig.js'
import { Site } from '../../src/tools/cli/lab/site.js'
import { chromiumArgs, chromiumPath } from '../../test/support/chromium.js'
import { views } from './views.js'

/** Long enough for the plots to show something. Milliseconds. */
const life = 12_000

/** The lab's page over real sockets: open for a while, then partitioned, then with a session whose node was killed. */
export async function shootLab(folder: string, said: (text: string) => void): Promise<void> {
  const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumArgs })
  try {
    await Promise.all(
      views.map(async ({ name, options }) => {
        await using rig = await Rig.start()
        await using site = await Site.start(rig)
        const page = await browser.newPage(options)
        await page.goto(site.url)
        await page.waitForTimeout(life)
        await page.screenshot({ path: `${folder}lab-open-${name}.png` })
        await page.locator(`[data-fault="${labFaults.partition.name}"]`).click()
        // The backoff is short, so the picture is taken at once.
        const state = name.startsWith('desktop')
          ? page.frameLocator('iframe').locator('.headline strong').first()
          : page.locator('[data-side="browser"][data-name="state"]')
        await state.filter({ hasText: /^back/i }).waitFor()
        await page.screenshot({ path: `${folder}lab-backoff-${name}.png` })
        await page.locator('#heal').click()
        await page.locator('#sessions').check()
        const holder = page.locator('[data-node]').filter({ hasText: 'has the session' })
        await holder.click()
        await page.locator('[data-node]').filter({ hasText: 'is dead' }).waitFor()
        await holder.waitFor()
        await page.waitForTimeout(life / 3)
        await page.locator('#session').scrollIntoViewIfNeeded()
        await page.screenshot({ path: `${folder}lab-session-${name}.png` })
        await page.close()
        said(`lab-open-${name}.png, lab-backoff-${name}.png, lab-session-${name}.png`)
      }),
    )
  } finally {
    await browser.close()
  }
}
