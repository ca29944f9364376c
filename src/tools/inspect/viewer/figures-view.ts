import { Surface } from './canvas.js'
import { make, setAttribute, setText } from './dom.js'
import { drawTraffic, drawTrips, ratesOf, samplesIn } from './plots.js'
import type { Stretch } from './strip.js'
import type { Watched } from './watched.js'
import { span, trip } from './words.js'

export interface FiguresParts {
  readonly trips: HTMLCanvasElement
  readonly tripsSaid: HTMLElement
  readonly traffic: HTMLCanvasElement
  readonly trafficSaid: HTMLElement
  readonly totals: HTMLElement
  readonly whose: HTMLElement
}

type Total = 'sent' | 'received' | 'queued' | 'bufferedAmount' | 'uncertain' | 'dropped'

const totals: readonly { readonly label: string; readonly field: Total; readonly hint: string }[] = [
  { label: 'Sent', field: 'sent', hint: 'Handed to a socket, which does not prove arrival' },
  { label: 'Received', field: 'received', hint: 'Messages received' },
  { label: 'Queued', field: 'queued', hint: 'Waiting for a socket' },
  { label: 'Buffered', field: 'bufferedAmount', hint: 'Bytes in the queue and the socket' },
  { label: 'Uncertain', field: 'uncertain', hint: 'Sent on a link that was lost, so they may be lost' },
  { label: 'Dropped', field: 'dropped', hint: 'Not sent, or received but not read in time' },
]

/** The figures of one connection: round trips, rates and totals. Says so if they are unknown. */
export class FiguresView {
  readonly #parts: FiguresParts
  readonly #trips: Surface
  readonly #traffic: Surface
  readonly #values = new Map<Total, HTMLElement>()

  constructor(parts: FiguresParts) {
    this.#parts = parts
    this.#trips = new Surface(parts.trips)
    this.#traffic = new Surface(parts.traffic)
    for (const { label, field, hint } of totals) {
      const value = make('dd')
      this.#values.set(field, value)
      parts.totals.append(make('div', { title: hint }, make('dt', {}, label), value))
    }
  }

  render(watched: Watched | undefined, stretch: Stretch, others: number): void {
    const { whose } = this.#parts
    setText(whose, watched === undefined || others === 0 ? '' : `of ${watched.name}`)
    this.#renderTrips(watched, stretch)
    this.#renderTraffic(watched, stretch)
    const last = watched?.samples.last
    for (const [field, value] of this.#values)
      setText(value, last === undefined ? '–' : last[field].toLocaleString('en'))
  }

  #renderTrips(watched: Watched | undefined, stretch: Stretch): void {
    const { trips: canvas, tripsSaid } = this.#parts
    const last = watched?.trips.last
    canvas.hidden = last === undefined
    if (watched === undefined || last === undefined) {
      setText(tripsSaid, watched === undefined ? '' : noTrips(watched))
      return
    }
    const ago = span(stretch.now - last.at)
    const source = watched.tripsTold ? '' : ' Estimated from the chart.'
    setText(tripsSaid, `${trip(last.rtt)}, ${ago} ago.${source}`)
    setAttribute(canvas, 'aria-label', `Round trips; the last took ${trip(last.rtt)}`)
    const sheet = this.#trips.clear()
    if (sheet !== undefined) drawTrips(sheet, watched, stretch)
  }

  #renderTraffic(watched: Watched | undefined, stretch: Stretch): void {
    const { traffic: canvas, trafficSaid } = this.#parts
    const isKnown = watched !== undefined && watched.samples.length > 0
    canvas.hidden = !isKnown
    if (!isKnown) {
      const unknown = 'Unknown: this sender does not send counters. observe() and linkViewer() of statewire/inspect do.'
      setText(trafficSaid, watched === undefined ? '' : unknown)
      return
    }
    const rate = ratesOf(samplesIn(watched, stretch), stretch.now).at(-1)
    const words = [
      `↓ ${Math.round(rate?.incoming ?? 0).toLocaleString('en')} in/s`,
      `↑ ${Math.round(rate?.outgoing ?? 0).toLocaleString('en')} out/s`,
      `▒ ${(watched.samples.last?.queued ?? 0).toLocaleString('en')} queued`,
    ].join('   ')
    setText(trafficSaid, words)
    setAttribute(canvas, 'aria-label', `Messages per second: ${words}`)
    const sheet = this.#traffic.clear()
    if (sheet !== undefined) drawTraffic(sheet, watched, stretch)
  }
}

function noTrips({ phase }: Watched): string {
  return phase === 'open' || phase === 'doubted'
    ? 'None yet. A heartbeat that cannot ping, or traffic that makes pings unnecessary, gives no round trips.'
    : 'None yet.'
}
