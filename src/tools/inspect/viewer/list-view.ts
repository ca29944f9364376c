import { Surface } from './canvas.js'
import { make, makeGlyph, setAttribute, setText, showPhase } from './dom.js'
import { sessionWords } from './session.js'
import { phases, phaseWords, type Phase } from './states.js'
import type { Store } from './store.js'
import { drawStates, type Stretch } from './strip.js'
import type { Watched } from './watched.js'

const rowHeight = 50

interface Row {
  readonly element: HTMLElement
  readonly glyph: SVGSVGElement
  readonly name: HTMLElement
  readonly id: HTMLElement
  readonly word: HTMLElement
  readonly surface: Surface
}

export interface ListParts {
  readonly list: HTMLElement
  readonly filter: HTMLInputElement
  readonly census: HTMLElement
  readonly empty: HTMLElement
}

/** The list of connections, all on one time axis. Only visible rows exist in the DOM. */
export class ListView {
  /** Called when the selection changes. */
  onSelect: (ids: readonly string[]) => void = () => {}
  readonly #parts: ListParts
  readonly #spacer = make('div', { class: 'spacer' })
  readonly #rows: Row[] = []
  readonly #chips = new Map<Phase, HTMLButtonElement>()
  readonly #wanted = new Set<Phase>()
  #shown: Watched[] = []
  #active = 0
  #selected: ReadonlySet<string> = new Set()

  constructor(parts: ListParts) {
    this.#parts = parts
    const { list, census } = parts
    list.append(this.#spacer)
    for (const phase of phases) {
      const glyph = makeGlyph()
      showPhase(glyph, phase)
      const chip = make(
        'button',
        { type: 'button', class: 'chip', 'aria-pressed': 'false', 'data-phase': phase },
        glyph,
        make('span'),
      )
      chip.addEventListener('click', () => this.#toggle(phase, chip))
      this.#chips.set(phase, chip)
      census.append(chip)
    }
    list.addEventListener('keydown', (event) => this.#press(event))
    list.addEventListener('click', (event) => this.#click(event))
  }

  render(store: Store, stretch: Stretch, selected: ReadonlySet<string>): void {
    this.#selected = selected
    this.#renderCensus(store)
    this.#filter(store)
    const { list, empty } = this.#parts
    empty.hidden = store.connections.size > 0
    const height = `${this.#shown.length * rowHeight}px`
    if (this.#spacer.style.height !== height) this.#spacer.style.height = height
    const first = Math.max(0, Math.floor(list.scrollTop / rowHeight) - 1)
    const visible = Math.min(this.#shown.length - first, Math.ceil(list.clientHeight / rowHeight) + 2)
    while (this.#rows.length < visible) this.#rows.push(this.#makeRow())
    this.#rows.forEach((row, at) => {
      const watched = at < visible ? this.#shown[first + at] : undefined
      row.element.hidden = watched === undefined
      if (watched !== undefined) this.#renderRow(row, watched, first + at, stretch)
    })
    const active = this.#shown[this.#active]
    if (active === undefined) list.removeAttribute('aria-activedescendant')
    else setAttribute(list, 'aria-activedescendant', `row-${this.#active}`)
  }

  #renderCensus(store: Store): void {
    for (const [phase, amount] of store.census()) {
      const chip = this.#chips.get(phase)
      if (chip === undefined) continue
      chip.hidden = amount === 0 && !this.#wanted.has(phase)
      const text = `${amount.toLocaleString('en')} ${phaseWords[phase]}`
      setText(chip.lastElementChild!, text)
    }
  }

  #filter(store: Store): void {
    const text = this.#parts.filter.value.trim().toLowerCase()
    const all = [...store.connections.values()]
    this.#shown = all.filter(
      ({ name, id, phase }) =>
        (this.#wanted.size === 0 || this.#wanted.has(phase)) &&
        (text === '' || name.toLowerCase().includes(text) || id.toLowerCase().includes(text)),
    )
    this.#active = Math.min(this.#active, Math.max(0, this.#shown.length - 1))
  }

  #makeRow(): Row {
    const glyph = makeGlyph()
    const name = make('span', { class: 'name' })
    const id = make('span', { class: 'id' })
    const word = make('span', { class: 'word' })
    const canvas = make('canvas', { 'aria-hidden': 'true' })
    const element = make('div', { class: 'row', role: 'option' }, glyph, name, id, word, canvas)
    this.#spacer.append(element)
    return { element, glyph, name, id, word, surface: new Surface(canvas) }
  }

  #renderRow(row: Row, watched: Watched, index: number, stretch: Stretch): void {
    const { element, glyph, name, id, word, surface } = row
    const isSelected = this.#selected.has(watched.id)
    const top = `translateY(${index * rowHeight}px)`
    if (element.style.transform !== top) element.style.transform = top
    setAttribute(element, 'id', `row-${index}`)
    setAttribute(element, 'aria-selected', String(isSelected))
    setAttribute(element, 'aria-setsize', String(this.#shown.length))
    setAttribute(element, 'aria-posinset', String(index + 1))
    setAttribute(element, 'data-phase', watched.phase)
    element.classList.toggle('active', index === this.#active)
    element.classList.toggle('gone', watched.gone)
    showPhase(glyph, watched.phase)
    setText(name, watched.name)
    setText(id, watched.name === watched.id ? '' : watched.id)
    const { phase, session } = watched
    const said = session === undefined ? phaseWords[phase] : `${phaseWords[phase]} · ${sessionWords(session)}`
    setText(word, watched.gone ? `${phaseWords[phase]}, no longer observed` : said)
    const sheet = surface.clear()
    if (sheet !== undefined)
      drawStates(sheet, watched, stretch, { x: 0, y: 0, width: sheet.width, height: sheet.height })
  }

  #toggle(phase: Phase, chip: HTMLButtonElement): void {
    if (!this.#wanted.delete(phase)) this.#wanted.add(phase)
    chip.setAttribute('aria-pressed', String(this.#wanted.has(phase)))
    this.#parts.list.scrollTop = 0
  }

  #click(event: MouseEvent): void {
    const row = (event.target as Element).closest('.row')
    const index = Number(row?.getAttribute('aria-posinset') ?? 0) - 1
    if (index < 0) return
    this.#active = index
    this.#choose(event.ctrlKey || event.metaKey || event.shiftKey)
  }

  #press(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.#parts.list.clientHeight / rowHeight) - 1)
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    }
    const step = steps[event.key]
    if (step !== undefined) {
      this.#active = Math.min(Math.max(0, this.#active + step), Math.max(0, this.#shown.length - 1))
      this.#reveal()
      if (!event.ctrlKey && !event.shiftKey) this.#choose(false)
    } else if (event.key === 'Enter') this.#choose(false)
    else if (event.key === ' ') this.#choose(true)
    else return
    event.preventDefault()
  }

  /** Selects the active row. `more`: adds it to the selection, or removes it. */
  #choose(more: boolean): void {
    const id = this.#shown[this.#active]?.id
    if (id === undefined) return
    const others = more ? [...this.#selected].filter((each) => each !== id) : []
    const isTaken = more && this.#selected.has(id) && others.length > 0
    this.onSelect(isTaken ? others : [...others, id])
  }

  #reveal(): void {
    const { list } = this.#parts
    const top = this.#active * rowHeight
    if (top < list.scrollTop) list.scrollTop = top
    else if (top + rowHeight > list.scrollTop + list.clientHeight) list.scrollTop = top + rowHeight - list.clientHeight
  }
}
