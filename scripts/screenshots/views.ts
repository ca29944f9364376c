import type { BrowserContextOptions } from 'playwright'

const screens = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const

/** Screens and color schemes. Without motion, so that pictures are repeatable. */
export const views: readonly { readonly name: string; readonly options: BrowserContextOptions }[] = Object.entries(
  screens,
).flatMap(([screen, viewport]) =>
  (['light', 'dark'] as const).map((colorScheme) => ({
    name: `${screen}-${colorScheme}`,
    options: { viewport, colorScheme, reducedMotion: 'reduce' as const },
  })),
)

/** Time until everything is drawn. Milliseconds. */
export const settle = 900
