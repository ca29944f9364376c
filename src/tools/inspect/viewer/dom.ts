import type { Phase } from './states.js'

// Builds elements and sets text. Received data is never parsed as HTML.

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/** Returns an element of the page. Throws if it is missing. */
export function find<T extends Element>(id: string, type: abstract new () => T): T {
  const element = document.getElementById(id)
  if (!(element instanceof type)) throw new Error(`the page has no #${id}`)
  return element
}

/** Sets the text only if it differs. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value)
}

// Each phase has a word, a color, a shape and, in a strip, a height, so that color is never the only difference.

const namespace = 'http://www.w3.org/2000/svg'

/** Paths in a 16 × 16 square. A hollow shape is stroked, not filled. */
const shapes: Readonly<Record<Phase, { readonly path: string; readonly hollow?: true }>> = {
  idle: { path: 'M8 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10Z', hollow: true },
  connecting: { path: 'M4 2.5 13.5 8 4 13.5Z' },
  open: { path: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11Z' },
  doubted: { path: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11ZM8 4.5v7a3.5 3.5 0 0 0 0-7Z' },
  closing: { path: 'M2.5 4h11L8 13Z', hollow: true },
  deciding: { path: 'M8 2 14 8 8 14 2 8Z', hollow: true },
  backoff: { path: 'M8 1.5 14.5 8 8 14.5 1.5 8Z' },
  suspended: { path: 'M3.5 3h3v10h-3ZM9.5 3h3v10h-3Z' },
  ended: { path: 'M3 3h10v10H3Z' },
}

export function makeGlyph(): SVGSVGElement {
  const svg = document.createElementNS(namespace, 'svg')
  svg.setAttribute('viewBox', '0 0 16 16')
  svg.setAttribute('aria-hidden', 'true')
  svg.classList.add('glyph')
  const path = document.createElementNS(namespace, 'path')
  path.setAttribute('fill-rule', 'evenodd')
  svg.append(path)
  return svg
}

export function showPhase(glyph: SVGSVGElement, phase: Phase): void {
  if (glyph.dataset['phase'] === phase) return
  glyph.dataset['phase'] = phase
  const { path, hollow } = shapes[phase]
  glyph.firstElementChild?.setAttribute('d', path)
  glyph.classList.toggle('hollow', hollow === true)
}
