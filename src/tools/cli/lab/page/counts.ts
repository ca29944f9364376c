import type { Count, Side } from '../protocol.js'

const columns = ['sent', 'received', 'queued', 'lost'] as const

/** The table of what became of the messages: two rows a side. */
export class Counts {
  readonly #cells = new Map<string, HTMLElement>()

  constructor(body: HTMLElement, sides: readonly Side[]) {
    for (const side of sides) {
      const row = document.createElement('tr')
      const head = document.createElement('th')
      head.scope = 'row'
      head.textContent = side
      row.append(head, ...columns.map((name) => this.#cell(side, name)))
      const about = document.createElement('tr')
      about.className = 'about'
      const words = this.#cell(side, 'words')
      words.setAttribute('colspan', '5')
      about.append(words)
      body.append(row, about)
    }
  }

  show(side: Side, count: Count): void {
    for (const name of columns) this.#set(side, name, String(count[name]))
    const trip =
      count.rtt === undefined
        ? ''
        : `, ${count.rtt < 10 ? count.rtt.toFixed(1) : Math.round(count.rtt)} ms there and back`
    this.#set(side, 'words', `${count.state}${trip}`)
  }

  #cell(side: Side, name: string): HTMLElement {
    const cell = document.createElement('td')
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
