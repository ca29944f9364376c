import { chromium } from 'playwright'
import { labFaults } from '../../src/tools/cli/lab/faults.js'
import { Rig } from '../../src/tools/cli/lab/rig.js'
import { Site } from '../../src/tools/cli/lab/site.js'
import { chromiumArgs, chromiumPath } from '../../test/support/chromium.js'
import { views } from './views.js'

/** Long enough for the plots to have something to show. Milliseconds. */
const life = 12_000

/** The lab's page, over real sockets: alive for a while, and then cut off. */
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
        // Lost, and waiting: for a moment, so nothing is waited for besides.
        const state = page.frameLocator('iframe').locator('.headline strong').first()
        await state.filter({ hasText: /^Backing off/ }).waitFor()
        await page.screenshot({ path: `${folder}lab-backoff-${name}.png` })
        await page.close()
        said(`lab-open-${name}.png, lab-backoff-${name}.png`)
      }),
    )
  } finally {
    await browser.close()
  }
}
