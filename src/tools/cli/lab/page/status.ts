import type { Count, Side } from '../protocol.js'

const columns = ['sent', 'echoed', 'queued', 'uncertain'] as const

const roundTrip = (rtt: number): string => `echo in ${rtt < 10 ? rtt.toFixed(1) : Math.round(rtt)} ms`

/** What each connection is doing, and what became of its messages. */
export class Status {
  readonly #cells = new Map<string, HTMLElement>()
  readonly #rows = new Map<Side, HTMLElement>()

  constructor(root: ParentNode, sides: readonly Side[]) {
    const list = root.querySelector<HTMLElement>('#status')!
    const body = root.querySelector<HTMLElement>('#counts')!
    for (const side of sides) {
      const row = document.createElement('li')
      const name = document.createElement('span')
      name.className = 'side'
      name.textContent = side
      const first = document.createElement('span')
      first.append(this.#cell('strong', side, 'state'), ' ', this.#cell('span', side, 'next'))
      row.append(name, first, this.#cell('span', side, 'why'))
      this.#rows.set(side, row)
      list.append(row)
      const counts = document.createElement('tr')
      const head = document.createElement('th')
      head.scope = 'row'
      head.textContent = side
      counts.append(head, ...columns.map((column) => this.#cell('td', side, column)))
      body.append(counts)
    }
  }

  show(side: Side, count: Count): void {
    const { state, why, next, rtt, dropped } = count
    this.#rows.get(side)!.dataset['state'] = state
    this.#set(side, 'state', state)
    this.#set(side, 'next', state === 'open' && rtt !== undefined ? roundTrip(rtt) : next)
    this.#set(side, 'why', dropped === 0 ? why : `${why}, ${dropped} never sent`)
    for (const name of columns) this.#set(side, name, String(count[name]))
  }

  #cell(tag: 'strong' | 'span' | 'td', side: Side, name: string): HTMLElement {
    const cell = document.createElement(tag)
    cell.dataset['side'] = side
    cell.dataset['name'] = name
    this.#cells.set(`${side} ${name}`, cell)
    return cell
  }

  #set(side: Side, name: string, text: string): void {
    const cell = this.#cells.get(`${side} ${name}`)!
    if (cell.textContent === text) return
    cell.textContent = text
    cell.dataset['value'] = text
  }
}
