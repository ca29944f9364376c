// Makes untrusted text, such as a close reason or a message, safe to print on a terminal.

/**
 * Characters that control a terminal or are invisible: control characters, bidirectional controls, line and paragraph separators,
 * unpaired surrogates, and zero-width characters.
 */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** Scripts whose spelling uses joiners and non-joiners between letters. */
const joining =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}]/u
const pictograph = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f]/u

const last = (text: string): string => Array.from(text).at(-1) ?? ''
const first = (text: string): string => String.fromCodePoint(text.codePointAt(0) ?? 0)

/** Whether an invisible character is part of an emoji or of a word's spelling. */
function belongs(character: string, before: string, after: string): boolean {
  switch (character) {
    // A variation selector after a possible emoji.
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

/** More marks on one letter than any language uses. They would cover the rows above and below. */
const tower = /(?<=\p{M}{6})\p{M}/gu
/** A mark without a letter, which would be drawn on the preceding text. */
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

/** Text for a single row: without control characters, line ends or invisible characters. */
export function printable(text: string): string {
  const row = without(text, (character) => (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(character) ? '\n' : '\ufffd'))
  // One replacement for a whole run.
  return row.replace(/\n+/g, ' ').replace(/\ufffd+/g, '\ufffd')
}

/** Text with hidden characters escaped, such as `\x1b` or `\u202e`. Keeps line ends and tabs. */
export function harmless(text: string): string {
  return without(text, (character) => (character === '\n' || character === '\t' ? character : writtenOut(character)))
}

function writtenOut(character: string): string {
  const code = character.codePointAt(0)!
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`
}

/** JSON with hidden characters escaped, which is the same JSON value. */
export function harmlessJson(json: string): string {
  return json.replace(hidden, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}
