import { startSite } from '../../test/tools/inspect/viewer/site.js'
import { settle, views } from './views.js'

const scenes = ['open', 'halfOpen', 'backoff', 'many'] as const

/** The viewer, driven by its tests' app. */
export async function shootViewer(folder: string, said: (text: string) => void): Promise<void> {
  await using site = await startSite()
  const shoot = async (name: string, options: (typeof views)[number]['options'], scene: string, second = false) => {
    const { page, viewer, complaints } = await site.open(options)
    await page.evaluate(`app.load().then(() => app.play('${scene}'))`)
    await viewer.locator('.headline strong').first().waitFor()
    if (second) {
      const row = viewer.locator('.row').nth(1)
      await row.click({ modifiers: ['ControlOrMeta'] })
    }
    await page.waitForTimeout(settle)
    await page.screenshot({ path: `${folder}viewer-${name}.png` })
    await page.context().close()
    said([`viewer-${name}.png`, ...complaints].join('\n  '))
  }
  for (const scene of scenes) {
    for (const { name, options } of views) await shoot(`${scene}-${name}`, options, scene)
  }
  for (const { name, options } of views.slice(0, 1)) await shoot(`two-${name}`, options, 'backoff', true)
}
