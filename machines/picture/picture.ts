import { stateDescriptions } from '../connection.descriptions.js'
import type { Arrow } from './arrows.js'
import { faultsOf, type Line } from './geometry.js'
import {
  drawn,
  labelBoxes,
  nameOf,
  pathOf,
  placeOf,
  routeOf,
  states,
  textBox,
  titleBox,
  writtenBoxes,
  type TextBox,
} from './labels.js'
import { allNodes, children, initialOf, isWithin, root, type Node } from './model.js'
import { beginnings, notes, places, routes, size, type Point } from './plan.js'
import { pictureStyle } from './style.js'

// The chart as a picture: `machines/connection.svg`, and the one that the viewer lights.

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const fullText = ({ reasons }: Arrow): string =>
  reasons.map(({ full, guard }) => (guard === undefined ? full : `${full} [${guard}]`)).join('; ')

/** What is planned and not there, or drawn over something else. */
export function pictureFaults(): string[] {
  const paths = new Set(states.map(pathOf))
  const names = new Set(drawn.map(nameOf))
  const compounds = new Set(
    allNodes.filter((node) => initialOf(node) !== undefined && node.type === 'compound').map(pathOf),
  )
  const stray = [
    ...Object.keys(places).filter((path) => !paths.has(path)),
    ...Object.keys(routes).filter((name) => !names.has(name)),
    ...Object.keys(beginnings).filter((path) => !compounds.has(path)),
    ...[...compounds].filter((path) => !(path in beginnings)),
  ].map((name) => `machines/picture/plan.ts and the chart do not agree about '${name}'`)
  const boxes = states.map((node) => ({
    ...placeOf(node),
    name: pathOf(node),
    parent: node.parent === root ? undefined : pathOf(node.parent!),
    leaf: node.type === 'atomic',
  }))
  const touched = (nodes: readonly Node[]): Set<string> =>
    new Set(states.filter((state) => nodes.some((node) => isWithin(node, state))).map(pathOf))
  const lines: Line[] = [
    ...drawn.map((arrow) => ({
      name: nameOf(arrow),
      points: routeOf(arrow).points,
      crosses: touched([arrow.source, arrow.target]),
    })),
    ...allNodes.flatMap((node) => {
      const points = beginnings[pathOf(node)]
      return points === undefined
        ? []
        : [{ name: `the beginning of '${pathOf(node)}'`, points, crosses: touched([initialOf(node)!]) }]
    }),
  ]
  const labels = [
    ...drawn.flatMap((arrow) => labelBoxes(arrow).map((box) => ({ ...box, name: box.text, line: nameOf(arrow) }))),
    ...states.map((node) => ({ ...titleBox(node), name: node.key })),
    ...states.flatMap((node) =>
      writtenBoxes(node).flatMap(({ boxes: all }) => all.map((box) => ({ ...box, name: box.text }))),
    ),
    ...notes.map(({ x, y, text }) => ({ ...textBox(text, [x, y], 'start', 5.6), name: text })),
  ]
  return [...stray, ...faultsOf({ whole: { x: 0, y: 0, ...size }, boxes, labels, lines })]
}

/** A line with round corners, and where it points. */
function linePath(points: readonly Point[]): string {
  const parts = points.map(([x, y], at) => {
    const before = points[at - 1]
    const after = points[at + 1]
    if (before === undefined || after === undefined) return `${at === 0 ? 'M' : 'L'}${x} ${y}`
    const towards = ([toX, toY]: Point): Point => {
      const reach = Math.min(6, (Math.abs(toX - x) + Math.abs(toY - y)) / 2)
      return [x + Math.sign(toX - x) * reach, y + Math.sign(toY - y) * reach]
    }
    return `L${towards(before).join(' ')}Q${x} ${y} ${towards(after).join(' ')}`
  })
  return parts.join('')
}

function headPath(points: readonly Point[]): string {
  const [x, y] = points.at(-1)!
  const [fromX, fromY] = points.at(-2)!
  const [dx, dy] = [Math.sign(x - fromX), Math.sign(y - fromY)]
  const back = (side: number): string => `${x - dx * 8 + dy * side} ${y - dy * 8 + dx * side}`
  return `M${x} ${y}L${back(3.5)}L${back(-3.5)}Z`
}

function renderText(kind: string, { text, at: [x, y], anchor }: TextBox): string {
  const attributes = anchor === 'start' ? '' : ` text-anchor="${anchor}"`
  return `<text class="${kind}" x="${x}" y="${Math.round(y * 10) / 10}"${attributes}>${escape(text)}</text>`
}

const arrowData = (arrow: Arrow): string =>
  `data-source="${pathOf(arrow.source)}" data-target="${pathOf(arrow.target)}" data-events="${arrow.events.join(' ')}" data-says="${escape(fullText(arrow))}"`

function renderState(node: Node): string {
  const { x, y, w, h } = placeOf(node)
  const isRegion = node.parent?.type === 'parallel'
  const kind = node.type === 'atomic' ? 'leaf' : isRegion ? 'region' : 'compound'
  const depth = node.path.length
  const lines = writtenBoxes(node).map(
    ({ arrow, boxes }) =>
      `<g class="written" ${arrowData(arrow)}>${boxes.map((box) => renderText('label', box)).join('')}</g>`,
  )
  const description = stateDescriptions[pathOf(node)]
  return [
    `<g class="state ${kind} depth-${depth}" data-state="${pathOf(node)}">`,
    ...(description === undefined ? [] : [`<title>${escape(description)}</title>`]),
    `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="${node.type === 'atomic' ? 7 : 10}"/>`,
    renderText('name', titleBox(node)),
    ...lines,
    '</g>',
  ].join('')
}

function renderArrow(arrow: Arrow): string {
  const { points, everyday } = routeOf(arrow)
  return [
    `<g class="arrow${everyday === true ? ' everyday' : ''}" ${arrowData(arrow)}>`,
    `<title>${escape(fullText(arrow))}</title>`,
    `<path class="line" d="${linePath(points)}" pathLength="100"/><path class="head" d="${headPath(points)}"/>`,
    ...labelBoxes(arrow).map((box) => renderText('label', box)),
    '</g>',
  ].join('')
}

function renderBeginning(node: Node): string[] {
  const points = beginnings[pathOf(node)]
  if (points?.[0] === undefined) return []
  const [x, y] = points[0]
  return [
    `<g class="beginning"><circle cx="${x}" cy="${y}" r="4"/><path class="line" d="${linePath(points)}"/><path class="head" d="${headPath(points)}"/></g>`,
  ]
}

const summary = `The connection as a statechart: ${children(root)
  .map(
    (half) =>
      `${half.key} (${children(half)
        .map(({ key }) => key)
        .join(', ')})`,
  )
  .join(' and ')}.`

/** The whole picture. With its `style` it stands by itself, and follows the reader's light or dark. */
export function renderPicture({ style }: { style: boolean }): string {
  const faults = pictureFaults()
  if (faults.length > 0) throw new Error(`the picture cannot be drawn as it is planned:\n${faults.join('\n')}`)
  const byDepth = states.toSorted((one, other) => one.path.length - other.path.length)
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${size.w} ${size.h}" role="img" aria-label="${escape(summary)}">`,
    ...(style
      ? [`<style>${pictureStyle}</style>`, `<rect class="paper" width="${size.w}" height="${size.h}" rx="12"/>`]
      : []),
    ...byDepth.map(renderState),
    ...allNodes.flatMap(renderBeginning),
    ...drawn
      .toSorted((one, other) => Number(routeOf(one).everyday ?? false) - Number(routeOf(other).everyday ?? false))
      .map(renderArrow),
    ...notes.map(({ x, y, text }) => `<text class="note" x="${x}" y="${y}">${escape(text)}</text>`),
    '</svg>',
  ].join('\n')}\n`
}
