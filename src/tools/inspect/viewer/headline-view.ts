import { make, setAttribute, setText } from './dom.js'
import { makeGlyph, showPhase } from './glyph.js'
import { headline } from './words.js'
import type { Watched } from './watched.js'

/** What one connection does, and why, in a sentence. */
export class HeadlineView {
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
