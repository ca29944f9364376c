import { forgetPalette } from './surface.js'

const themes = ['auto', 'light', 'dark'] as const

/** Light or dark as the reader's system says, unless they say otherwise here. */
export function followTheme(button: HTMLButtonElement): void {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  let at = 0
  const show = (): void => {
    const theme = themes[at] ?? 'auto'
    const system = dark.matches ? 'dark' : 'light'
    document.documentElement.dataset['theme'] = theme === 'auto' ? system : theme
    button.textContent = `Theme: ${theme}`
    forgetPalette()
  }
  button.addEventListener('click', () => {
    at = (at + 1) % themes.length
    show()
  })
  dark.addEventListener('change', show)
  show()
}
