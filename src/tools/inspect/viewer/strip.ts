import { heights } from './glyph.js'
import { phaseWords } from './states.js'
import { currentPalette, type Sheet } from './surface.js'
import type { Segment, Watched } from './watched.js'

/** The piece of time that is shown. */
export interface Stretch {
  readonly now: number
  readonly span: number
}

/** The segments that reach into a piece of time, the first of them from its beginning on. */
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

/** The states of a connection over time, as a band whose colour and height say which. `words`: as words too, where there is room. */
export function drawStates({ context }: Sheet, watched: Watched, stretch: Stretch, band: Band, words = false): void {
  const palette = currentPalette()
  const scale = band.width / stretch.span
  const x = (at: number): number => band.x + (at - stretch.now + stretch.span) * scale
  const segments = segmentsIn(watched, stretch)
  segments.forEach(({ at, phase }, index) => {
    const next = segments[index + 1]
    const [left, right] = [x(at), next === undefined ? band.x + band.width : x(next.at)]
    // What lasted for less than a pixel was there all the same.
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

/** How long it was in what, for whoever cannot see it. */
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

/** Times along the bottom edge: how long ago. */
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
