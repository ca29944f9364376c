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

/** The style sheet's colours, which a canvas cannot see by itself. */
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

/** Light has become dark, or the other way round. */
export function forgetPalette(): void {
  palette = undefined
}

export interface Sheet {
  readonly context: CanvasRenderingContext2D
  readonly width: number
  readonly height: number
}

/** A canvas as sharp as the screen, whose size is asked for only when it changes. */
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

  /** An empty sheet; `undefined`: it is not seen. */
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
