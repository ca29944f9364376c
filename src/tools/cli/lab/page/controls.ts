import type { ConnectionAct, FaultLabel, Side } from '../protocol.js'

export interface Actions {
  inject(sides: readonly Side[], fault: FaultLabel): void
  heal(sides: readonly Side[]): void
  act(sides: readonly Side[], act: ConnectionAct): void
}

type Active = Readonly<Record<Side, string | undefined>>

const healKey = 'o'

/** The buttons, and the keys that do the same. */
export class Controls {
  readonly #faults: HTMLElement
  readonly #heal: HTMLButtonElement
  readonly #said: HTMLElement
  readonly #actions: Actions
  readonly #buttons = new Map<string, HTMLButtonElement>()
  #labels: readonly FaultLabel[] = []
  #active: Active = { browser: undefined, node: undefined }

  constructor(root: ParentNode, actions: Actions) {
    this.#faults = root.querySelector<HTMLElement>('#faults')!
    this.#heal = root.querySelector<HTMLButtonElement>('#heal')!
    this.#said = root.querySelector<HTMLElement>('#said')!
    this.#actions = actions
    this.#heal.addEventListener('click', () => {
      this.#said.textContent = 'Fault cleared.'
      actions.heal(this.#sides)
    })
    for (const button of root.querySelectorAll<HTMLButtonElement>('[data-act]')) {
      button.addEventListener('click', () => actions.act(this.#sides, button.dataset['act'] as ConnectionAct))
    }
    for (const radio of root.querySelectorAll('[name="side"]')) radio.addEventListener('change', () => this.#mark())
    document.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey }) => {
      if (ctrlKey || metaKey || altKey) return
      if (key === healKey) this.#heal.click()
      const fault = this.#labels.find((each) => each.key === key)
      if (fault !== undefined) this.#inject(fault)
    })
  }

  /** Makes a button for each fault. Called again when the process has restarted. */
  offer(labels: readonly FaultLabel[]): void {
    this.#labels = labels
    this.#buttons.clear()
    for (const fault of labels) this.#buttons.set(fault.name, this.#button(fault))
    this.#faults.replaceChildren(...this.#buttons.values())
    this.#mark()
  }

  /** Shows the active fault of each side. */
  mark(active: Active): void {
    this.#active = active
    this.#mark()
  }

  #mark(): void {
    for (const [name, button] of this.#buttons) {
      const sides = (['browser', 'node'] as const).filter((side) => this.#active[side] === name)
      button.setAttribute('aria-pressed', String(sides.length > 0))
      button.querySelector('.on')!.textContent = sides.length === 0 ? '' : `on: ${sides.join(', ')}`
    }
    const faults = new Set(this.#sides.flatMap((side) => this.#active[side] ?? []))
    this.#heal.disabled = faults.size === 0
    this.#heal.querySelector('.effect')!.textContent =
      faults.size === 0 ? 'no fault is active' : `clear ${[...faults].join(' and ')}`
  }

  get #sides(): readonly Side[] {
    const value = document.querySelector<HTMLInputElement>('[name="side"]:checked')?.value
    return value === 'browser' || value === 'node' ? [value] : ['browser', 'node']
  }

  #inject(fault: FaultLabel): void {
    this.#said.textContent = `${fault.name}: ${fault.effect}.`
    this.#actions.inject(this.#sides, fault)
  }

  #button(fault: FaultLabel): HTMLButtonElement {
    const button = document.createElement('button')
    button.type = 'button'
    button.dataset['fault'] = fault.name
    const part = (tag: 'kbd' | 'strong' | 'span', className: string, text = ''): HTMLElement =>
      Object.assign(document.createElement(tag), { className, textContent: text })
    button.append(
      part('kbd', '', fault.key),
      part('strong', '', fault.name),
      part('span', 'on'),
      part('span', 'effect', fault.effect),
    )
    button.addEventListener('click', () => this.#inject(fault))
    return button
  }
}
