import type { Phase } from './states.js'

// Each phase has a word, a colour, a shape and, in a strip, a height: none is told by its colour alone.

const namespace = 'http://www.w3.org/2000/svg'

/** In a square of 16. What is not filled is drawn as a line. */
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

/** How much of a strip's height it takes. */
export const heights: Readonly<Record<Phase, number>> = {
  idle: 0.12,
  connecting: 0.6,
  open: 1,
  doubted: 0.8,
  closing: 0.5,
  deciding: 0.35,
  backoff: 0.35,
  suspended: 0.22,
  ended: 0.12,
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
