import { stateDescriptions } from '../../../../machines/connection.descriptions.js'
import { make, setAttribute, setText } from './dom.js'
import { leavesOf } from './states.js'
import type { Step, Watched } from './watched.js'

interface Arrow {
  readonly element: SVGGElement
  readonly source: string
  readonly target: string
  readonly events: ReadonlySet<string>
  readonly says: string
}

/** The classes of the last steps, newest first. */
const trail = ['taken', 'taken-before', 'taken-earlier']

/** Paths come from messages, and may be names such as `constructor`. */
const descriptionOf = (path: string): string =>
  Object.hasOwn(stateDescriptions, path) ? (stateDescriptions[path] ?? '') : ''

const nameOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1)
const stillness = matchMedia('(prefers-reduced-motion: reduce)')

/** The statechart of one connection, with the active states and the last steps highlighted. */
export class ChartView {
  readonly element: HTMLElement
  readonly #svg: SVGSVGElement
  readonly #states = new Map<string, SVGGElement>()
  readonly #arrows: Arrow[] = []
  readonly #legend = make('p', { class: 'legend' })
  readonly #title = make('figcaption')
  readonly #scroller = make('div', { class: 'scroller' })
  readonly #zoom = make('button', { type: 'button', class: 'zoom', 'aria-pressed': 'false' }, 'Enlarge chart')
  #version = -1
  #stepsSeen = 0
  #shownSteps: readonly Step[] = []
  #active: ReadonlySet<string> = new Set()
  #looked: string | undefined
  #focus = ''

  constructor(template: HTMLTemplateElement) {
    const svg = template.content.cloneNode(true).firstChild
    if (!(svg instanceof SVGSVGElement)) throw new Error('the page has no chart')
    this.#svg = svg
    svg.setAttribute('role', 'group')
    // The legend replaces tooltips.
    for (const title of svg.querySelectorAll('title')) title.remove()
    for (const state of svg.querySelectorAll<SVGGElement>('[data-state]')) {
      this.#states.set(state.dataset['state'] ?? '', state)
      state.setAttribute('role', 'img')
      state.setAttribute('tabindex', '-1')
    }
    for (const element of svg.querySelectorAll<SVGGElement>('[data-source]')) {
      const { source = '', target = '', events = '', says = '' } = element.dataset
      this.#arrows.push({ element, source, target, events: new Set(events.split(' ')), says })
    }
    this.#scroller.append(svg)
    this.element = make('figure', { class: 'chart-figure' }, this.#title, this.#scroller, this.#zoom, this.#legend)
    // Not on the SVG itself: Chromium makes an SVG with focus listeners focusable.
    const { element } = this
    element.addEventListener('pointerover', (event) => this.#look(event.target))
    element.addEventListener('pointerleave', () => this.#look(undefined))
    element.addEventListener('focusin', (event) => this.#look(event.target))
    element.addEventListener('focusout', () => this.#look(undefined))
    element.addEventListener('keydown', (event) => this.#press(event))
    this.#zoom.addEventListener('click', () => this.#enlarge())
  }

  render(watched: Watched, titled: boolean): void {
    this.#title.hidden = !titled
    setText(this.#title, watched.name)
    if (watched.version === this.#version) return
    this.#version = watched.version
    setAttribute(this.#svg, 'aria-label', `Statechart of ${watched.name}. Arrow keys move between states.`)
    this.#light(new Set(watched.paths))
    this.#follow(watched)
    this.#explain()
  }

  #light(active: ReadonlySet<string>): void {
    if (active.size === this.#active.size && [...active].every((path) => this.#active.has(path))) return
    this.#active = active
    for (const [path, state] of this.#states) {
      state.classList.toggle('on', active.has(path))
      const description = descriptionOf(path)
      state.setAttribute('aria-label', `${nameOf(path)}${active.has(path) ? ', active' : ''}. ${description}`)
    }
    const [leaf = ''] = leavesOf([...active])
    if (!this.#svg.contains(document.activeElement)) this.#rove(leaf)
    this.#reveal(leaf)
  }

  /** On a phone: switches between an overview and a chart that scrolls. */
  #enlarge(): void {
    const isEnlarged = this.element.classList.toggle('enlarged')
    setAttribute(this.#zoom, 'aria-pressed', String(isEnlarged))
    const [leaf = ''] = leavesOf([...this.#active])
    this.#reveal(leaf)
  }

  /** Scrolls to the active state if the chart is wider than its place. */
  #reveal(path: string): void {
    const scroller = this.#scroller
    const state = this.#states.get(path)
    if (state === undefined || scroller.scrollWidth <= scroller.clientWidth) return
    const box = state.getBoundingClientRect()
    const middle = box.left + box.width / 2 - scroller.getBoundingClientRect().left + scroller.scrollLeft
    scroller.scrollTo({ left: middle - scroller.clientWidth / 2, behavior: stillness.matches ? 'instant' : 'smooth' })
  }

  #follow({ steps }: Watched): void {
    const fresh = Math.min(steps.added - this.#stepsSeen, steps.length)
    this.#stepsSeen = steps.added
    if (fresh <= 0) return
    const taken = steps.toArray().filter((step) => this.#arrowOf(step) !== undefined)
    this.#shownSteps = taken.slice(-trail.length).reverse()
    for (const { element } of this.#arrows) element.classList.remove(...trail)
    // Oldest first: an arrow taken twice shows the newer step.
    for (let age = this.#shownSteps.length - 1; age >= 0; age--) {
      const element = this.#arrowOf(this.#shownSteps[age]!)?.element
      element?.classList.remove(...trail)
      element?.classList.add(trail[age]!)
      if (element !== undefined && age < fresh) this.#animate(element)
    }
  }

  #animate(arrow: SVGGElement): void {
    if (stillness.matches) return
    const line = arrow.querySelector('.line')
    const timing = { duration: 650, easing: 'ease-out' }
    if (line === null) arrow.animate([{ opacity: 0 }, { opacity: 1 }], timing)
    else line.animate([{ strokeDasharray: '0 100' }, { strokeDasharray: '100 0' }], timing)
  }

  /** The innermost matching arrow, which is the one the chart took. */
  #arrowOf({ event, before, after }: Step): Arrow | undefined {
    const stayed = before.join(' ') === after.join(' ')
    return this.#arrows
      .filter(
        ({ source, target, events, element }) =>
          events.has(event) &&
          before.includes(source) &&
          after.includes(target) &&
          // A self-transition is written as text, not drawn as an arrow.
          (!stayed || element.classList.contains('written')),
      )
      .sort((one, other) => other.source.length - one.source.length || other.target.length - one.target.length)[0]
  }

  #look(target: EventTarget | null | undefined): void {
    const element = target instanceof Element ? target.closest('[data-source], [data-state]') : undefined
    const at = element instanceof SVGElement ? element : undefined
    const arrow = at === undefined ? undefined : this.#arrows.find(({ element: each }) => each === at)
    this.#looked =
      arrow === undefined ? at?.dataset['state'] : `${nameOf(arrow.source)} → ${nameOf(arrow.target)}: ${arrow.says}`
    this.#explain()
  }

  #explain(): void {
    const looked = this.#looked
    if (looked !== undefined && !this.#states.has(looked)) {
      this.#legend.replaceChildren(looked)
      return
    }
    const path = looked ?? leavesOf([...this.#active])[0] ?? ''
    const description = descriptionOf(path)
    const out = this.#arrows
      .filter(({ source }) => source === path)
      .map(({ target, says }) => `${says} → ${nameOf(target)}`)
      .join(' · ')
    this.#legend.replaceChildren(
      make('strong', {}, path),
      ` ${description}`,
      ...(out === '' ? [] : [make('span', {}, ` ${out}`)]),
    )
  }

  #rove(path: string): void {
    this.#states.get(this.#focus)?.setAttribute('tabindex', '-1')
    this.#focus = this.#states.has(path) ? path : ([...this.#states.keys()][0] ?? '')
    this.#states.get(this.#focus)?.setAttribute('tabindex', '0')
  }

  #press(event: KeyboardEvent): void {
    const directions: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    }
    const direction = directions[event.key]
    if (direction === undefined) return
    event.preventDefault()
    const next = this.#nearest(direction)
    if (next === undefined) return
    this.#rove(next)
    this.#states.get(next)?.focus()
  }

  /** The nearest state in that direction. */
  #nearest([dx, dy]: readonly [number, number]): string | undefined {
    const middle = (path: string): readonly [number, number] => {
      const { x, y, width, height } = this.#states.get(path)!.querySelector('rect')!.getBBox()
      // For a state with children, its title.
      return this.#states.get(path)!.classList.contains('leaf') ? [x + width / 2, y + height / 2] : [x + 30, y + 15]
    }
    const [x, y] = middle(this.#focus)
    let best: { readonly path: string; readonly cost: number } | undefined
    for (const path of this.#states.keys()) {
      const [toX, toY] = middle(path)
      const along = (toX - x) * dx + (toY - y) * dy
      const aside = Math.abs((toX - x) * dy) + Math.abs((toY - y) * dx)
      const cost = along + aside * 2
      if (along > 4 && (best === undefined || cost < best.cost)) best = { path, cost }
    }
    return best?.path
  }
}
