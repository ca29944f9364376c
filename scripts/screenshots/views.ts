import type { BrowserContextOptions } from 'playwright'

const screens = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const

/** How somebody may look at a page: on what, and in which colours. Still, so that two pictures of the same are the same. */
export const views: readonly { readonly name: string; readonly options: BrowserContextOptions }[] = Object.entries(
  screens,
).flatMap(([screen, viewport]) =>
  (['light', 'dark'] as const).map((colorScheme) => ({
    name: `${screen}-${colorScheme}`,
    options: { viewport, colorScheme, reducedMotion: 'reduce' as const },
  })),
)

/** What is drawn moves to its place, and the next frame shows it. Milliseconds. */
export const settle = 900
