import { currentPalette, type Sheet } from './canvas.js'
import { drawAxis, type Stretch } from './strip.js'
import type { Sample, Watched } from './watched.js'
import { trip } from './words.js'

const axisHeight = 16
const topRoom = 14

interface Frame {
  readonly x: (at: number) => number
  readonly y: (value: number) => number
  readonly width: number
  readonly bottom: number
}

/** Rounds up to 1, 2, 5, 10, 20 and so on, so that the scale rarely changes. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  const step = [1, 2, 5, 10].find((each) => each * power >= value) ?? 10
  return step * power
}

function makeFrame(sheet: Sheet, stretch: Stretch, top: number, unit: (value: number) => string): Frame {
  const { context, width, height } = sheet
  const palette = currentPalette()
  const bottom = height - axisHeight
  context.font = '10px system-ui, sans-serif'
  drawAxis(sheet, stretch, { x: 0, y: topRoom, width, height: bottom - topRoom }, height - 4)
  context.strokeStyle = palette.line
  context.beginPath()
  context.moveTo(0, topRoom + 0.5)
  context.lineTo(width, topRoom + 0.5)
  context.moveTo(0, bottom - 0.5)
  context.lineTo(width, bottom - 0.5)
  context.stroke()
  context.fillStyle = palette.quiet
  context.fillText(unit(top), 2, topRoom - 4)
  return {
    x: (at) => width + ((at - stretch.now) / stretch.span) * width,
    y: (value) => bottom - (value / top) * (bottom - topRoom - 4),
    width,
    bottom,
  }
}

/** Draws the round trip of each ping as a point. */
export function drawTrips(sheet: Sheet, { trips, phase }: Watched, stretch: Stretch): void {
  const palette = currentPalette()
  const shown = trips.from(({ at }) => at >= stretch.now - stretch.span).items.filter(({ at }) => at <= stretch.now)
  const frame = makeFrame(sheet, stretch, roundUp(Math.max(1, ...shown.map(({ rtt }) => rtt)) * 1.1), trip)
  const { context } = sheet
  context.strokeStyle = palette.phases.open
  context.globalAlpha = 0.45
  context.beginPath()
  shown.forEach(({ at, rtt }, index) => {
    if (index === 0) context.moveTo(frame.x(at), frame.y(rtt))
    else context.lineTo(frame.x(at), frame.y(rtt))
  })
  context.stroke()
  context.globalAlpha = phase === 'open' || phase === 'doubted' ? 1 : 0.6
  context.fillStyle = palette.phases.open
  for (const { at, rtt } of shown) {
    context.beginPath()
    context.arc(frame.x(at), frame.y(rtt), 2.5, 0, 7)
    context.fill()
  }
  context.globalAlpha = 1
}

export interface Rate {
  readonly at: number
  readonly incoming: number
  readonly outgoing: number
  readonly queued: number
}

/** Messages per second between samples. Unchanged samples are not sent, so a gap means zero. */
export function ratesOf(samples: readonly Sample[], now: number, every = 250): Rate[] {
  const rates: Rate[] = []
  samples.forEach((sample, index) => {
    const before = samples[index - 1]
    if (before === undefined) return
    const gap = sample.at - before.at
    if (gap > every * 2.5)
      rates.push(
        { at: before.at + every, incoming: 0, outgoing: 0, queued: before.queued },
        { at: sample.at - every, incoming: 0, outgoing: 0, queued: before.queued },
      )
    const seconds = Math.max(Math.min(gap, gap > every * 2.5 ? every : gap), 1) / 1_000
    rates.push({
      at: sample.at,
      incoming: Math.max(0, sample.received - before.received) / seconds,
      outgoing: Math.max(0, sample.sent - before.sent) / seconds,
      queued: sample.queued,
    })
  })
  const last = samples.at(-1)
  if (last !== undefined && now - last.at > every * 2) {
    rates.push(
      { at: last.at + every, incoming: 0, outgoing: 0, queued: last.queued },
      { at: now, incoming: 0, outgoing: 0, queued: last.queued },
    )
  }
  return rates
}

/** The samples in a time span, and the one before, which the first rate needs. */
export function samplesIn({ samples }: Watched, { now, span }: Stretch): Sample[] {
  const { before, items: inside } = samples.from(({ at }) => at >= now - span)
  return before === undefined ? inside : [before, ...inside]
}

/** Draws messages in and out per second as lines, and queued messages as an area. */
export function drawTraffic(sheet: Sheet, watched: Watched, stretch: Stretch): void {
  const palette = currentPalette()
  const { context } = sheet
  const rates = ratesOf(samplesIn(watched, stretch), stretch.now)
  const top = roundUp(
    Math.max(1, ...rates.map(({ incoming, outgoing, queued }) => Math.max(incoming, outgoing, queued))) * 1.1,
  )
  const frame = makeFrame(sheet, stretch, top, (value) => value.toLocaleString('en'))
  const trace = (of: (rate: Rate) => number): void => {
    context.beginPath()
    rates.forEach((rate, index) => {
      if (index === 0) context.moveTo(frame.x(rate.at), frame.y(of(rate)))
      else context.lineTo(frame.x(rate.at), frame.y(of(rate)))
    })
  }
  context.save()
  context.beginPath()
  context.rect(0, 0, frame.width, sheet.height)
  context.clip()
  if (rates.length > 0) {
    trace(({ queued }) => queued)
    context.lineTo(frame.x(rates.at(-1)!.at), frame.bottom)
    context.lineTo(frame.x(rates[0]!.at), frame.bottom)
    context.fillStyle = palette.phases.backoff
    context.globalAlpha = 0.3
    context.fill()
    context.globalAlpha = 1
  }
  context.lineWidth = 1.6
  trace(({ incoming }) => incoming)
  context.strokeStyle = palette.incoming
  context.stroke()
  trace(({ outgoing }) => outgoing)
  context.setLineDash([5, 3])
  context.strokeStyle = palette.outgoing
  context.stroke()
  context.restore()
}
