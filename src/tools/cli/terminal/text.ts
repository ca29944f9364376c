/** The meaning of a piece of text, which `style.ts` turns into a color. */
export type Tone = 'plain' | 'good' | 'busy' | 'bad' | 'strong' | 'faint'

export interface Span {
  readonly text: string
  readonly tone?: Tone
}

/** One row of the screen. */
export type Line = readonly Span[]

/** Applies a tone to text. See `style.ts`. */
export type Paint = (text: string, tone: Tone) => string

/** Splits into code points, so that an emoji is one. */
export const charactersOf = (text: string): string[] => Array.from(text)

const noColumn = /[\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}]/u
const oneColumn = /[\uff61-\uffdc\u303f]/u
const twoColumns =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u

function columnsOf(character: string): number {
  if (character <= '~') return 1
  if (noColumn.test(character)) return 0
  return twoColumns.test(character) && !oneColumn.test(character) ? 2 : 1
}

/** Width in terminal columns. Where terminals disagree, such as for joined emoji, the largest width. */
export const columns = (text: string): number =>
  charactersOf(text).reduce((sum, character) => sum + columnsOf(character), 0)

/** The start of a text that fits into `width` columns. */
function fitting(text: string, width: number): string {
  let left = width
  let end = 0
  for (const character of charactersOf(text)) {
    left -= columnsOf(character)
    if (left < 0) break
    end += character.length
  }
  return text.slice(0, end)
}

/** Width in terminal columns. */
export function widthOf(line: Line): number {
  return line.reduce((sum, { text }) => sum + columns(text), 0)
}

/** Cuts a line to `width` columns, ending in `…`. */
export function truncate(line: Line, width: number): Line {
  if (widthOf(line) <= width) return line
  if (width < 1) return []
  const kept: Span[] = []
  let left = width - 1
  for (const { text, ...rest } of line) {
    kept.push({ text: fitting(text, left), ...rest })
    left -= columns(text)
    if (left <= 0) break
  }
  return [...kept, { text: '…' }]
}

/** Returns the first variant that fits, or the last one, cut. Order them from longest to shortest. */
export function fit(variants: readonly Line[], width: number): Line {
  return variants.find((each) => widthOf(each) <= width) ?? truncate(variants.at(-1) ?? [], width)
}

/** Wraps at spaces, and indents rows after the first. Splits a word that is wider than a row. */
export function wrap(text: string, width: number, indent = 0): string[] {
  const margin = ' '.repeat(Math.min(indent, Math.max(0, width - 1)))
  const rows: string[] = []
  let row = ''
  // Leading blanks belong to the first word. Several blanks between words are columns, and stay.
  for (let word of text.match(/^\s*\S+|\s+\S+/g) ?? []) {
    if (row !== '' && columns(row + word) > width) {
      rows.push(row)
      row = ''
      word = margin + word.trimStart()
    }
    while (columns(word) > width) {
      let part = fitting(word, width)
      if (part.trim() === '') {
        // The blanks leave no room. Takes at least one character, even a wide one.
        word = word.trimStart()
        part = fitting(word, width) || charactersOf(word)[0]!
      }
      rows.push(part)
      word = margin + word.slice(part.length)
    }
    row += word
  }
  return [...rows, row]
}

export function paintLine(line: Line, paint: Paint): string {
  return line.map(({ text, tone = 'plain' }) => paint(text, tone)).join('')
}
