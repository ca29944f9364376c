import type { NodeAct, NodeName } from '../protocol.js'
import type { SessionCount } from '../session-traffic.js'

const figures = ['sent', 'handled', 'acknowledged', 'replayed', 'duplicates', 'doubled', 'lost'] as const
const names: readonly NodeName[] = ['A', 'B']

export interface SessionActions {
  /** The switch was set. */
  use(isUsed: boolean): void
  act(act: NodeAct, node: NodeName): void
}

/** The switch for sessions, the buttons of the nodes, and what became of the messages. */
export class SessionPanel {
  readonly #switch: HTMLInputElement
  readonly #panel: HTMLElement
  readonly #buttons = new Map<NodeName, HTMLButtonElement>()
  readonly #cells = new Map<string, HTMLElement>()
  #up: Readonly<Record<NodeName, boolean>> = { A: true, B: true }
  #at = ''

  constructor(root: ParentNode, actions: SessionActions) {
    this.#switch = root.querySelector<HTMLInputElement>('#sessions')!
    this.#panel = root.querySelector<HTMLElement>('#session')!
    this.#switch.addEventListener('change', () => {
      this.#panel.hidden = !this.isUsed
      actions.use(this.isUsed)
    })
    for (const name of names) {
      const button = root.querySelector<HTMLButtonElement>(`[data-node="${name}"]`)!
      button.addEventListener('click', () => actions.act(this.#up[name] ? 'kill-node' : 'start-node', name))
      this.#buttons.set(name, button)
    }
    const list = root.querySelector<HTMLElement>('#session-counts')!
    for (const name of figures) {
      const term = Object.assign(document.createElement('dt'), { textContent: name })
      const value = document.createElement('dd')
      value.dataset['session'] = name
      const pair = document.createElement('div')
      pair.append(term, value)
      list.append(pair)
      this.#cells.set(name, value)
    }
    // A browser may restore it after a reload.
    this.#panel.hidden = !this.isUsed
  }

  get isUsed(): boolean {
    return this.#switch.checked
  }

  /** Shows which nodes run. */
  mark(up: Readonly<Record<NodeName, boolean>>): void {
    this.#up = up
    this.#mark()
  }

  show(count: SessionCount): void {
    this.#at = count.state === 'attached' ? count.node : ''
    this.#mark()
    for (const name of figures) {
      const cell = this.#cells.get(name)!
      const text = count[name].toLocaleString('en')
      if (cell.textContent === text) continue
      cell.textContent = text
      cell.dataset['value'] = text
    }
  }

  #mark(): void {
    for (const [name, button] of this.#buttons) {
      const isUp = this.#up[name]
      button.dataset['up'] = String(isUp)
      setText(button.querySelector('strong')!, `${isUp ? 'kill' : 'start'} node ${name}`)
      setText(button.querySelector('.effect')!, isUp ? (this.#at === name ? 'has the session' : 'runs') : 'is dead')
    }
  }
}

function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
