import type { ConnectionAct, FaultLabel, Side } from '../protocol.js'

export interface Wishes {
  strike(sides: readonly Side[], fault: FaultLabel): void
  heal(sides: readonly Side[]): void
  act(sides: readonly Side[], act: ConnectionAct): void
}

const healKey = 'o'

/** The buttons, and the same by letters. */
export class Controls {
  readonly #faults: HTMLElement
  readonly #effect: HTMLElement
  readonly #wishes: Wishes
  readonly #buttons = new Map<string, HTMLButtonElement>()
  #labels: readonly FaultLabel[] = []

  constructor(root: ParentNode, wishes: Wishes) {
    this.#faults = root.querySelector<HTMLElement>('#faults')!
    this.#effect = root.querySelector<HTMLElement>('#effect')!
    this.#wishes = wishes
    for (const button of root.querySelectorAll<HTMLButtonElement>('[data-act]')) {
      button.addEventListener('click', () => wishes.act(this.#sides, button.dataset['act'] as ConnectionAct))
    }
    document.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey }) => {
      if (ctrlKey || metaKey || altKey) return
      if (key === healKey) this.#heal()
      const fault = this.#labels.find((each) => each.key === key)
      if (fault !== undefined) this.#strike(fault)
    })
  }

  /** What can go wrong. Said again when the process has begun anew. */
  offer(labels: readonly FaultLabel[]): void {
    this.#labels = labels
    this.#buttons.clear()
    const faults = labels.map((fault) => {
      const button = this.#button(fault, () => this.#strike(fault))
      button.setAttribute('aria-pressed', 'false')
      button.title = fault.effect
      this.#buttons.set(fault.name, button)
      return button
    })
    const heal = this.#button({ name: 'heal', key: healKey, effect: 'back to normal' }, () => this.#heal())
    heal.className = 'heal'
    this.#faults.replaceChildren(...faults, heal)
  }

  /** What is wrong on which side. */
  mark(faults: Readonly<Record<Side, string | undefined>>): void {
    for (const [name, button] of this.#buttons) {
      const sides = (['browser', 'node'] as const).filter((side) => faults[side] === name)
      button.setAttribute('aria-pressed', String(sides.length > 0))
      button.querySelector('.on')!.textContent = sides.length === 0 ? '' : `on: ${sides.join(', ')}`
    }
  }

  get #sides(): readonly Side[] {
    const value = document.querySelector<HTMLInputElement>('[name="side"]:checked')?.value
    return value === 'browser' || value === 'node' ? [value] : ['browser', 'node']
  }

  #strike(fault: FaultLabel): void {
    this.#effect.textContent = `${fault.name}: ${fault.effect}.`
    this.#wishes.strike(this.#sides, fault)
  }

  #heal(): void {
    this.#effect.textContent = 'Healed: back to normal.'
    this.#wishes.heal(this.#sides)
  }

  #button({ name, key }: FaultLabel, press: () => void): HTMLButtonElement {
    const button = document.createElement('button')
    button.type = 'button'
    button.dataset['fault'] = name
    const letter = document.createElement('kbd')
    letter.textContent = key
    const on = document.createElement('span')
    on.className = 'on'
    button.append(letter, name, on)
    button.addEventListener('click', press)
    return button
  }
}
