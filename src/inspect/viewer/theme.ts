import { forgetPalette } from './surface.js'

const themes = ['auto', 'light', 'dark'] as const

/** Light or dark as the reader's system says, unless they say otherwise here. */
export function followTheme(button: HTMLButtonElement): void {
  let at = 0
  const show = (): void => {
    const theme = themes[at] ?? 'auto'
    if (theme === 'auto') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = theme
    button.textContent = `Theme: ${theme}`
    forgetPalette()
  }
  button.addEventListener('click', () => {
    at = (at + 1) % themes.length
    show()
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', forgetPalette)
  show()
}
