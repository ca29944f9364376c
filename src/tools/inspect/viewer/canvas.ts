import { phases, type Phase } from './states.js'

export interface Palette {
  readonly text: string
  readonly quiet: string
  readonly line: string
  readonly panel: string
  readonly incoming: string
  readonly outgoing: string
  readonly phases: Readonly<Record<Phase, string>>
}

let palette: Palette | undefined

/** The colors of the style sheet, for canvases. */
export function currentPalette(): Palette {
  if (palette !== undefined) return palette
  const style = getComputedStyle(document.documentElement)
  const read = (name: string): string => style.getPropertyValue(name).trim()
  palette = {
    text: read('--text'),
    quiet: read('--quiet'),
    line: read('--hairline'),
    panel: read('--panel'),
    incoming: read('--incoming'),
    outgoing: read('--outgoing'),
    phases: Object.fromEntries(phases.map((phase) => [phase, read(`--${phase}`)])) as Record<Phase, string>,
  }
  return palette
}

/** Call it when the theme changes. */
function forgetPalette(): void {
  palette = undefined
}

export interface Sheet {
  readonly context: CanvasRenderingContext2D
  readonly width: number
  readonly height: number
}

/** A canvas at the screen's resolution. Its size is read only when it changes. */
export class Surface {
  readonly canvas: HTMLCanvasElement
  #width = 0
  #height = 0

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas
    new ResizeObserver(([entry]) => {
      if (entry === undefined) return
      this.#width = entry.contentRect.width
      this.#height = entry.contentRect.height
    }).observe(canvas)
  }

  /** Returns an empty sheet; `undefined` if the canvas is not visible. */
  clear(): Sheet | undefined {
    const { canvas } = this
    const [width, height] = [this.#width, this.#height]
    if (width === 0 || height === 0) return undefined
    const ratio = devicePixelRatio
    const [pixelsX, pixelsY] = [Math.round(width * ratio), Math.round(height * ratio)]
    if (canvas.width !== pixelsX) canvas.width = pixelsX
    if (canvas.height !== pixelsY) canvas.height = pixelsY
    const context = canvas.getContext('2d')
    if (context === null) return undefined
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, width, height)
    return { context, width, height }
  }
}

const themes = ['auto', 'light', 'dark'] as const

/** Follows the system's light or dark theme, unless the button sets one. */
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
