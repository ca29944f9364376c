import { currentPalette, Surface, type Sheet } from './canvas.js'
import { setAttribute } from './dom.js'
import { phaseWords, type Phase } from './states.js'
import type { Segment, Watched } from './watched.js'

/** The share of a strip's height. */
export const heights: Readonly<Record<Phase, number>> = {
  idle: 0.12,
  connecting: 0.6,
  open: 1,
  doubted: 0.8,
  closing: 0.5,
  deciding: 0.35,
  backoff: 0.35,
  suspended: 0.22,
  ended: 0.12,
}

/** The time span shown: `span` milliseconds up to `now`. */
export interface Stretch {
  readonly now: number
  readonly span: number
}

/** The segments in a time span. The first one is cut to its start. */
function segmentsIn({ segments }: Watched, { now, span }: Stretch): Segment[] {
  const start = now - span
  const { before, items: inside } = segments.from(({ at }) => at >= start)
  return before === undefined ? inside : [{ ...before, at: start }, ...inside]
}

interface Band {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Draws the phases of a connection over time as a band of color and height. `words`: also in words, where they fit. */
export function drawStates({ context }: Sheet, watched: Watched, stretch: Stretch, band: Band, words = false): void {
  const palette = currentPalette()
  const scale = band.width / stretch.span
  const x = (at: number): number => band.x + (at - stretch.now + stretch.span) * scale
  const segments = segmentsIn(watched, stretch)
  segments.forEach(({ at, phase }, index) => {
    const next = segments[index + 1]
    const [left, right] = [x(at), next === undefined ? band.x + band.width : x(next.at)]
    // At least one pixel, so that short phases show.
    const width = Math.max(right - left, 1)
    const height = Math.max(2, band.height * heights[phase])
    context.globalAlpha = watched.gone ? 0.4 : 1
    context.fillStyle = palette.phases[phase]
    context.fillRect(left, band.y + band.height - height, width, height)
    context.globalAlpha = 1
    const word = phaseWords[phase]
    if (!words || width < word.length * 6.4 + 12) return
    const isTall = heights[phase] >= 0.6
    context.fillStyle = isTall ? palette.panel : palette.text
    context.fillText(word, left + 6, band.y + band.height - (isTall ? height / 2 - 4 : height + 5))
  })
}

/** How long each phase lasted, for screen readers. */
export function describeStates(watched: Watched, stretch: Stretch): string {
  const segments = segmentsIn(watched, stretch)
  const times = new Map<string, number>()
  segments.forEach(({ at, phase }, index) => {
    const end = segments[index + 1]?.at ?? stretch.now
    const word = phaseWords[phase]
    times.set(word, (times.get(word) ?? 0) + Math.max(0, end - at))
  })
  const parts = [...times].map(([word, time]) => `${word} ${(time / 1_000).toFixed(time < 10_000 ? 1 : 0)} s`)
  return `${watched.name}: ${parts.join(', ') || 'nothing yet'}`
}

/** Draws the time axis along the bottom edge. */
export function drawAxis({ context }: Sheet, { span }: Stretch, band: Band, baseline: number): void {
  const palette = currentPalette()
  context.fillStyle = palette.quiet
  context.strokeStyle = palette.line
  context.lineWidth = 1
  const parts = band.width > 360 ? 6 : 3
  for (let part = 0; part <= parts; part++) {
    const x = Math.round(band.x + (band.width * part) / parts) - (part === parts ? 0.5 : -0.5)
    context.beginPath()
    context.moveTo(x, band.y)
    context.lineTo(x, band.y + band.height)
    context.stroke()
    const ago = (span * (parts - part)) / parts / 1_000
    context.textAlign = part === 0 ? 'left' : part === parts ? 'right' : 'center'
    context.fillText(ago === 0 ? 'now' : ago < 120 ? `−${ago} s` : `−${ago / 60} min`, x, baseline)
  }
  context.textAlign = 'left'
}

const axisHeight = 18
const laneHeight = 46

/** The phases of all selected connections over time, one below the other. */
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

  /** Updates the text for screen readers. Called less often than `render`. */
  describe(selected: readonly Watched[], stretch: Stretch): void {
    setAttribute(this.#surface.canvas, 'aria-label', selected.map((each) => describeStates(each, stretch)).join('; '))
  }
}
