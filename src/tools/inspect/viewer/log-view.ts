import { make, setAttribute, setText } from './dom.js'
import { kinds, type Kind } from './states.js'
import type { Entry, Watched } from './watched.js'

const rowHeight = 22

interface Line extends Entry {
  readonly name: string
}

export interface LogParts {
  readonly log: HTMLElement
  readonly filter: HTMLInputElement
  readonly kinds: HTMLElement
  readonly pause: HTMLButtonElement
  readonly said: HTMLElement
}

interface Row {
  readonly element: HTMLElement
  readonly time: HTMLElement
  readonly name: HTMLElement
  readonly event: HTMLElement
  readonly move: HTMLElement
  readonly detail: HTMLElement
}

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
})

/** The events of the selected connections, newest first. Only visible lines exist in the DOM. */
export class LogView {
  readonly #parts: LogParts
  readonly #spacer = make('div', { class: 'spacer' })
  readonly #rows: Row[] = []
  readonly #hidden = new Set<Kind>()
  #lines: readonly Line[] = []
  #key = ''
  #paused = false

  constructor(parts: LogParts) {
    this.#parts = parts
    parts.log.append(this.#spacer)
    for (const kind of kinds) {
      const chip = make('button', { type: 'button', class: 'chip', 'aria-pressed': 'true', 'data-kind': kind }, kind)
      chip.addEventListener('click', () => {
        if (!this.#hidden.delete(kind)) this.#hidden.add(kind)
        chip.setAttribute('aria-pressed', String(!this.#hidden.has(kind)))
        this.#key = ''
      })
      parts.kinds.append(chip)
    }
    parts.filter.addEventListener('input', () => (this.#key = ''))
    parts.pause.addEventListener('click', () => {
      this.#paused = !this.#paused
      parts.pause.setAttribute('aria-pressed', String(this.#paused))
    })
  }

  render(selected: readonly Watched[]): void {
    const { log, said } = this.#parts
    const key = selected.map(({ id, version }) => `${id}:${version}`).join(' ')
    if (key !== this.#key && (!this.#paused || this.#key === '')) {
      this.#key = key
      const before = this.#lines
      this.#lines = this.#collect(selected)
      const added =
        this.#lines.length > 0 && before[0] !== undefined
          ? this.#lines.findIndex((line) => isSame(line, before[0]!))
          : 0
      // Keeps the position of a reader who has scrolled down.
      if (log.scrollTop > 0 && added > 0) log.scrollTop += added * rowHeight
    }
    setText(said, this.#lines.length === 0 ? 'No events, or none that match the filter.' : '')
    const height = `${this.#lines.length * rowHeight}px`
    if (this.#spacer.style.height !== height) this.#spacer.style.height = height
    const first = Math.max(0, Math.floor(log.scrollTop / rowHeight) - 2)
    const visible = Math.max(0, Math.min(this.#lines.length - first, Math.ceil(log.clientHeight / rowHeight) + 4))
    while (this.#rows.length < visible) this.#rows.push(this.#makeRow())
    this.#rows.forEach((row, at) => {
      const line = at < visible ? this.#lines[first + at] : undefined
      row.element.hidden = line === undefined
      if (line !== undefined) renderRow(row, line, first + at, selected.length > 1)
    })
  }

  #collect(selected: readonly Watched[]): Line[] {
    const text = this.#parts.filter.value.trim().toLowerCase()
    const fits = ({ kind, event, move, detail }: Entry): boolean =>
      !this.#hidden.has(kind) && (text === '' || `${event} ${move} ${detail}`.toLowerCase().includes(text))
    const lines = selected.flatMap(({ log, name }) =>
      log
        .toArray()
        .filter(fits)
        .map((entry) => ({ ...entry, name })),
    )
    // A stable sort keeps the order of simultaneous events.
    if (selected.length > 1) lines.sort((one, other) => one.at - other.at)
    return lines.reverse()
  }

  #makeRow(): Row {
    const [time, name, event, move, detail] = ['time', 'name', 'event', 'move', 'detail'].map((part) =>
      make('span', { class: part }),
    )
    const element = make('div', { class: 'line' }, time!, name!, event!, move!, detail!)
    this.#spacer.append(element)
    return { element, time: time!, name: name!, event: event!, move: move!, detail: detail! }
  }
}

const isSame = (one: Line, other: Line): boolean =>
  one.at === other.at && one.event === other.event && one.name === other.name && one.detail === other.detail

function renderRow({ element, time, name, event, move, detail }: Row, line: Line, index: number, named: boolean): void {
  const top = `translateY(${index * rowHeight}px)`
  if (element.style.transform !== top) element.style.transform = top
  setAttribute(element, 'data-kind', line.kind)
  element.classList.toggle('grave', line.grave)
  element.classList.toggle('still', line.move === '' && line.kind !== 'report')
  setText(time, clock.format(line.at))
  name.hidden = !named
  setText(name, line.name)
  setText(event, line.event)
  setText(move, line.move)
  setText(detail, line.detail)
  const title = `${line.event} ${line.move} ${line.detail}`
  if (element.title !== title) element.title = title
}
