import type { WriteStream } from 'node:tty'
import type { Paint, Tone } from './text.js'

const codes: Record<Tone, readonly [on: number, off: number] | undefined> = {
  plain: undefined,
  good: [32, 39],
  busy: [33, 39],
  bad: [31, 39],
  strong: [1, 22],
  faint: [2, 22],
}

/** Without colors. */
export const plain: Paint = (text) => text

/** With ANSI colors. */
export const colored: Paint = (text, tone) => {
  const code = codes[tone]
  return code === undefined || text === '' ? text : `\u001b[${code[0]}m${text}\u001b[${code[1]}m`
}

/** Colors if the terminal supports them. Node's `hasColors` reads `NO_COLOR`, `FORCE_COLOR` and `TERM`. */
export function styleFor(out: Pick<WriteStream, 'isTTY'> & Partial<Pick<WriteStream, 'hasColors'>>): Paint {
  return out.isTTY && out.hasColors?.() === true ? colored : plain
}
