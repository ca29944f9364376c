/** What a piece of text means; a style turns it into a colour, or leaves it alone. */
export type Tone = 'plain' | 'good' | 'busy' | 'bad' | 'strong' | 'faint'

export interface Span {
  readonly text: string
  readonly tone?: Tone
}

/** One row of the screen. */
export type Line = readonly Span[]

/** How a tone is written; see `style.ts`. */
export type Paint = (text: string, tone: Tone) => string

/** Without what would move the cursor or ring the bell: close reasons come from a stranger. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
}

/**
 * A stranger's text with everything that a terminal would obey, or that would show it in another order than it is in, written out;
 * line ends and tabs stay.
 */
export function harmless(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.charCodeAt(0)
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

// C0 but for tab and line feed, DEL, C1, and the controls of bidirectional text.
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** As a terminal counts them: an emoji is not two. */
export const charactersOf = (text: string): string[] => Array.from(text)

/** Columns, taking every character for one. */
export function widthOf(line: Line): number {
  return line.reduce((sum, { text }) => sum + charactersOf(text).length, 0)
}

/** The line cut to `width` columns; `…` says that something is missing. */
export function truncate(line: Line, width: number): Line {
  if (widthOf(line) <= width) return line
  if (width < 1) return []
  const kept: Span[] = []
  let left = width - 1
  for (const { text, ...rest } of line) {
    const characters = charactersOf(text)
    kept.push({ text: characters.slice(0, left).join(''), ...rest })
    left -= characters.length
    if (left <= 0) break
  }
  return [...kept, { text: '…' }]
}

/** The first of the variants that fits; the last one cut, if none does. They go from the fullest to the briefest. */
export function fit(variants: readonly Line[], width: number): Line {
  return variants.find((each) => widthOf(each) <= width) ?? truncate(variants.at(-1) ?? [], width)
}

/** Breaks at spaces; what follows the first row is indented. A word wider than a row is broken. */
export function wrap(text: string, width: number, indent = 0): string[] {
  const margin = ' '.repeat(Math.min(indent, Math.max(0, width - 1)))
  const rows: string[] = []
  let row = ''
  // The leading blanks belong to the first word, and more than one between words is a column: it stays.
  for (let word of text.match(/^\s*\S+|\s+\S+/g) ?? []) {
    if (row !== '' && charactersOf(row + word).length > width) {
      rows.push(row)
      row = ''
      word = margin + word.trimStart()
    }
    while (charactersOf(word).length > width) {
      const characters = charactersOf(word)
      rows.push(characters.slice(0, width).join(''))
      word = margin + characters.slice(width).join('')
    }
    row += word
  }
  return [...rows, row]
}

export function paintLine(line: Line, paint: Paint): string {
  return line.map(({ text, tone = 'plain' }) => paint(text, tone)).join('')
}
