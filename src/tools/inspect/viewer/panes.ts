import { ChartView } from './chart-view.js'
import { find, make, makeGlyph, setAttribute, setText, showPhase } from './dom.js'
import { headline } from './headline.js'
import type { Watched } from './watched.js'

/** As many charts as have room side by side. */
export const mostCharts = 4

/** What one connection is doing, and why. */
class HeadlineView {
  readonly element: HTMLElement
  readonly #glyph = makeGlyph()
  readonly #name = make('span', { class: 'of' })
  readonly #what = make('strong')
  readonly #when = make('span', { class: 'when' })
  readonly #why = make('span', { class: 'why' })

  constructor() {
    const first = make('div', { class: 'first' }, this.#glyph, this.#what, this.#when, this.#name)
    this.element = make('div', { class: 'headline' }, first, this.#why)
  }

  render(watched: Watched, now: number): void {
    const { what, why, when } = headline(watched, now)
    setAttribute(this.element, 'data-phase', watched.phase)
    showPhase(this.#glyph, watched.phase)
    setText(this.#name, watched.name)
    setText(this.#what, what)
    setText(this.#when, when)
    setText(this.#why, `${why.charAt(0).toUpperCase()}${why.slice(1)}.`)
  }
}

interface Pane {
  readonly headline: HeadlineView
  readonly chart: ChartView
  readonly element: HTMLElement
}

/** The selected connections, each with its headline and its chart. */
export class Panes {
  readonly #panes = new Map<string, Pane>()

  render(selected: readonly Watched[], now: number): void {
    const shown = selected.slice(0, mostCharts)
    const place = find('charts', HTMLElement)
    find('nothing', HTMLElement).hidden = shown.length > 0
    // First: a hidden chart cannot scroll to the active state.
    find('main', HTMLElement).classList.toggle('empty', shown.length === 0)
    for (const [id, { element }] of this.#panes) {
      if (shown.some((watched) => watched.id === id)) continue
      element.remove()
      this.#panes.delete(id)
    }
    for (const watched of shown) {
      const pane = this.#panes.get(watched.id) ?? this.#makePane(watched.id)
      if (pane.element.parentElement !== place) place.append(pane.element)
      pane.headline.render(watched, now)
      pane.chart.render(watched, false)
    }
    place.dataset['count'] = String(shown.length)
    const more = selected.length - shown.length
    setText(
      find('more', HTMLElement),
      more > 0 ? `${more} more selected; only ${mostCharts} charts fit side by side.` : '',
    )
  }

  #makePane(id: string): Pane {
    const headlineView = new HeadlineView()
    const chart = new ChartView(find('chart', HTMLTemplateElement))
    const element = document.createElement('section')
    element.className = 'pane'
    element.append(headlineView.element, chart.element)
    const pane = { headline: headlineView, chart, element }
    this.#panes.set(id, pane)
    return pane
  }
}
