import { arrows, isWritten, type Arrow } from './arrows.js'
import { allNodes, root, type Node } from './model.js'
import { places, routes, type Place, type Point, type Route } from './plan.js'

// What the picture says in words, and where.

export const pathOf = (node: Node): string => node.path.join('.')

export const states = allNodes.filter((node) => node !== root)
export const drawn = arrows.filter((arrow) => !isWritten(arrow))
const written = arrows.filter(isWritten)
export const nameOf = ({ source, target }: Arrow): string => `${pathOf(source)} > ${pathOf(target)}`

/** Of the monospaced fonts that are in use none is wider; of the others, at weight 600, hardly a word. */
const charWidth = { label: 6.05, title: 7.6 }
const lineHeight = 12

/** One line for each guard, shorter ones if they must be. */
function labelLines({ reasons }: Arrow, wrap = 99): string[] {
  const byText = new Map<string, string[]>()
  for (const { text, guard } of reasons)
    byText.set(text, [...(byText.get(text) ?? []), ...(guard === undefined ? [] : [guard])])
  return [...byText].flatMap(([text, guards]) => {
    const suffix = guards.length > 0 ? ` [${guards.join(', ')}]` : ''
    const lines: string[] = []
    for (const part of text.split(', ')) {
      const last = lines.at(-1)
      if (last !== undefined && `${last}, ${part}`.length <= wrap) lines.splice(-1, 1, `${last}, ${part}`)
      else lines.push(part)
    }
    // What is broken in two is two reasons, each with the guard.
    if (suffix !== '') return lines.map((line) => line + suffix)
    return lines.map((line, at) => (at < lines.length - 1 ? `${line},` : line))
  })
}

export function routeOf(arrow: Arrow): Route {
  const route = routes[nameOf(arrow)]
  if (route === undefined) throw new Error(`machines/picture/plan.ts has no route for ${nameOf(arrow)}`)
  return route
}

export function placeOf(node: Node): Place {
  const place = places[pathOf(node)]
  if (place === undefined) throw new Error(`machines/picture/plan.ts has no place for ${pathOf(node)}`)
  return place
}

export interface TextBox extends Place {
  readonly text: string
  readonly at: Point
  readonly anchor: 'start' | 'middle' | 'end'
}

export function textBox(text: string, [x, y]: Point, anchor: TextBox['anchor'], width: number): TextBox {
  const w = text.length * width
  const left = anchor === 'start' ? x : anchor === 'end' ? x - w : x - w / 2
  return { text, at: [x, y], anchor, x: left, y: y - 9, w, h: 11 }
}

export function labelBoxes(arrow: Arrow): TextBox[] {
  const { label, wrap } = routeOf(arrow)
  const [x, y, anchor = 'start'] = label
  return labelLines(arrow, wrap).map((line, at) => textBox(line, [x, y + at * lineHeight], anchor, charWidth.label))
}

/** What is written in a box: how one comes back to where one is. */
function writtenLines(node: Node): { readonly arrow: Arrow; readonly lines: string[] }[] {
  return written
    .filter(({ source }) => source === node)
    .map((arrow) => {
      const mark = arrow.target === node ? ' ↺' : ` → ${arrow.target.key}`
      const lines = labelLines(arrow)
      const [line = ''] = lines
      const bracket = line.indexOf(' [')
      // In a narrow box the guard has a line of its own, and so does `after` before a long name.
      if (node.type === 'atomic' && bracket !== -1) {
        const event = line.slice(0, bracket) + mark
        const isWide = event.length * charWidth.label > placeOf(node).w
        const split = isWide ? event.indexOf(' ') : -1
        const words = split === -1 ? [event] : [event.slice(0, split), event.slice(split + 1)]
        return { arrow, lines: [...words, line.slice(bracket + 1)] }
      }
      return { arrow, lines: lines.map((each, at) => (at === lines.length - 1 ? each + mark : each)) }
    })
}

export function titleBox(node: Node): TextBox {
  const { x, y, w, h } = placeOf(node)
  if (node.type !== 'atomic') return textBox(node.key, [x + 12, y + 19], 'start', charWidth.title)
  const below = writtenLines(node).flatMap(({ lines }) => lines).length * 13
  return textBox(node.key, [x + w / 2, y + h / 2 + 4.5 - below / 2], 'middle', charWidth.title)
}

export function writtenBoxes(node: Node): { readonly arrow: Arrow; readonly boxes: TextBox[] }[] {
  const { x, w, y } = placeOf(node)
  const title = titleBox(node)
  return writtenLines(node).map(({ arrow, lines }, at) => ({
    arrow,
    boxes: lines.map((line, row) =>
      node.type === 'atomic'
        ? textBox(line, [x + w / 2, title.at[1] + (at + row + 1) * 14], 'middle', charWidth.label)
        : textBox(line, [x + w - 12, y + 19 + (at + row) * lineHeight], 'end', charWidth.label),
    ),
  }))
}
