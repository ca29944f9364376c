// Text from a stranger, such as a close reason or a message, on its way to a terminal.

/**
 * What a terminal would obey, or does not show: controls, the controls of bidirectional text, line and paragraph separators, halves of
 * surrogate pairs, and everything without a width of its own.
 */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** Scripts in which a joiner or a non-joiner between two letters changes how the word looks, and is spelled with it. */
const joining =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}]/u
const pictograph = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f]/u

const last = (text: string): string => Array.from(text).at(-1) ?? ''
const first = (text: string): string => String.fromCodePoint(text.codePointAt(0) ?? 0)

/** Whether an invisible character belongs to what is written: it makes one emoji of several, or spells a word. */
function belongs(character: string, before: string, after: string): boolean {
  switch (character) {
    // A variation selector behind what may be an emoji.
    case '\ufe0e':
    case '\ufe0f':
      return /\p{Emoji}$/u.test(before)
    case '\u200d':
      if (pictograph.test(last(before)) && /\p{Extended_Pictographic}/u.test(first(after))) return true
      return joining.test(last(before)) && joining.test(first(after))
    case '\u200c':
      return joining.test(last(before)) && joining.test(first(after))
    default:
      return false
  }
}

/** More marks on one letter than any language has: they would be drawn over the rows above and below. */
const tower = /(?<=\p{M}{6})\p{M}/gu
/** A mark without a letter is drawn on whatever stands before the text. */
const loose = /^\p{M}/gmu

function without(text: string, replace: (character: string) => string): string {
  return text
    .replace(hidden, (character: string, at: number) => {
      const end = at + character.length
      return belongs(character, text.slice(Math.max(0, at - 2), at), text.slice(end, end + 2))
        ? character
        : replace(character)
    })
    .replace(tower, replace)
    .replace(loose, replace)
}

/** For a row among others: no control of any kind, no line end, nothing invisible. */
export function printable(text: string): string {
  const row = without(text, (character) => (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(character) ? '\n' : '\ufffd'))
  // One for many: only that there was something is worth knowing.
  return row.replace(/\n+/g, ' ').replace(/\ufffd+/g, '\ufffd')
}

/** For text that is to be read as it is: what is hidden is written out, such as `\x1b` or `\u202e`; line ends and tabs stay. */
export function harmless(text: string): string {
  return without(text, (character) => (character === '\n' || character === '\t' ? character : writtenOut(character)))
}

function writtenOut(character: string): string {
  const code = character.codePointAt(0)!
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`
}

/** JSON that does nothing to a terminal: what is hidden is escaped, as JSON may have it anyway. */
export function harmlessJson(json: string): string {
  return json.replace(hidden, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}
