import type { Place, Point } from './plan.js'

// Whether a picture can be read: nothing over anything else.

/** Something with an outline, and what may lie over it. */
export interface Shape extends Place {
  readonly name: string
}

export interface Line {
  readonly name: string
  readonly points: readonly Point[]
  /** Boxes whose border it may cross, or touch: those it starts in, ends in, or comes out of. */
  readonly crosses: ReadonlySet<string>
}

const overlap = (a: Place, b: Place): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h

const inside = (inner: Place, outer: Place): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.w <= outer.x + outer.w &&
  inner.y + inner.h <= outer.y + outer.h

/** Lines run along the axes, so each piece of one is a box without breadth. */
function pieces(points: readonly Point[]): Place[] {
  return points.slice(1).map(([x, y], at) => {
    const [fromX, fromY] = points[at] ?? [x, y]
    return { x: Math.min(x, fromX), y: Math.min(y, fromY), w: Math.abs(x - fromX), h: Math.abs(y - fromY) }
  })
}

const grown = ({ x, y, w, h }: Place, by: number): Place => ({ x: x - by, y: y - by, w: w + 2 * by, h: h + 2 * by })

/**
 * What is wrong, in words. `frames` contain others and may be crossed where a line says so; `leaves` and `labels` are solid.
 */
export function faultsOf(picture: {
  readonly whole: Place
  readonly boxes: readonly (Shape & { readonly parent: string | undefined; readonly leaf: boolean })[]
  readonly labels: readonly (Shape & { readonly line?: string })[]
  readonly lines: readonly Line[]
}): string[] {
  const { whole, boxes, labels, lines } = picture
  const found: string[] = []
  const byName = new Map(boxes.map((box) => [box.name, box]))
  for (const box of boxes) {
    const parent = box.parent === undefined ? whole : (byName.get(box.parent) ?? whole)
    if (!inside(box, parent)) found.push(`${box.name} is not inside what contains it`)
    for (const other of boxes) {
      if (other.name > box.name && other.parent === box.parent && overlap(grown(box, 3), other)) {
        found.push(`${box.name} and ${other.name} overlap`)
      }
    }
  }
  labels.forEach((label, at) => {
    if (!inside(label, whole)) found.push(`“${label.name}” is cut off`)
    for (const other of labels.slice(at + 1)) {
      if (overlap(label, other)) found.push(`“${label.name}” and “${other.name}” overlap`)
    }
    for (const box of boxes) {
      const apart = !overlap(label, box)
      if (!apart && !inside(label, box)) found.push(`“${label.name}” lies over the border of ${box.name}`)
      if (!apart && box.leaf && label.line !== undefined) found.push(`“${label.name}” lies in ${box.name}`)
    }
    for (const line of lines) {
      if (pieces(line.points).some((piece) => overlap(grown(piece, 1), label))) {
        found.push(`“${label.name}” is struck through by ${line.name}`)
      }
    }
  })
  for (const line of lines) {
    for (const box of boxes) {
      if (line.crosses.has(box.name)) continue
      if (pieces(line.points).some((piece) => overlap(grown(piece, 2), box) && !inside(piece, grown(box, -2)))) {
        found.push(`${line.name} crosses ${box.name}`)
      } else if (box.leaf && pieces(line.points).some((piece) => overlap(grown(piece, 2), box))) {
        found.push(`${line.name} crosses ${box.name}`)
      }
    }
  }
  lines.forEach((line, at) => {
    for (const other of lines.slice(at + 1)) {
      const meet = pieces(line.points).some((one) =>
        pieces(other.points).some((two) => overlap(grown(one, 2), grown(two, 2))),
      )
      if (meet) found.push(`${line.name} meets ${other.name}`)
    }
  })
  return found
}
