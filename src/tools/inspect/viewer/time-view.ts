import { setAttribute } from './dom.js'
import { describeStates, drawAxis, drawStates, type Stretch } from './strip.js'
import { currentPalette, Surface } from './surface.js'
import type { Watched } from './watched.js'

const axisHeight = 18
const laneHeight = 46

/** The states of all selected connections over time, one under the other. */
export class TimeView {
  readonly #surface: Surface

  constructor(canvas: HTMLCanvasElement) {
    this.#surface = new Surface(canvas)
  }

  render(selected: readonly Watched[], stretch: Stretch): void {
    const { canvas } = this.#surface
    const wanted = `${Math.max(1, selected.length) * laneHeight + axisHeight + 4}px`
    if (canvas.style.height !== wanted) canvas.style.height = wanted
    const sheet = this.#surface.clear()
    if (sheet === undefined) return
    const { context, width, height } = sheet
    context.font = '600 11px system-ui, sans-serif'
    drawAxis(sheet, stretch, { x: 0, y: 0, width, height: height - axisHeight }, height - 5)
    selected.forEach((watched, lane) => {
      const band = { x: 0, y: lane * laneHeight + 14, width, height: laneHeight - 16 }
      if (selected.length > 1) {
        context.fillStyle = currentPalette().quiet
        context.fillText(watched.name, 2, lane * laneHeight + 10, width - 4)
      }
      drawStates(sheet, watched, stretch, band, true)
    })
  }

  /** Told at leisure: it is read, not watched. */
  describe(selected: readonly Watched[], stretch: Stretch): void {
    setAttribute(this.#surface.canvas, 'aria-label', selected.map((each) => describeStates(each, stretch)).join('; '))
  }
}
