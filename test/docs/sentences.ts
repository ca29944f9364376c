import { catalogue } from '../../src/core/sentences/catalogue.js'

export interface Sentence {
  readonly topic: string
  readonly key: string
  /** As a production bundle shows it: the key, and the names of the values. */
  readonly short: string
  /** With the names of the values in place of the values, as Markdown. */
  readonly text: string
  /** The constant parts: every piece of 12 characters or more between two values. */
  readonly pieces: readonly string[]
  /** Other values can produce other pieces of it. */
  readonly varies: boolean
}

type Say = (...values: readonly string[]) => string

function parametersOf(say: Say): string[] {
  const [, list = ''] = /^\(([^)]*)\)/.exec(say.toString()) ?? /^(\w*)\s*=>/.exec(say.toString()) ?? []
  return [...list.matchAll(/\w+/g)].map(([name]) => name)
}

/** `waitingBytes` as `waiting bytes`. */
const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

/** Every sentence of the catalogue. */
export const sentences: readonly Sentence[] = Object.entries(catalogue).flatMap(([topic, keys]) =>
  Object.entries(keys as Record<string, Say>).map(([key, say]) => {
    const names = parametersOf(say)
    return {
      topic,
      key,
      short: names.length > 0 ? `${key} (${names.map(words).join(', ')})` : key,
      // The site parses braces at the end of a cell as attributes.
      text: say(...names.map((name) => `_${words(name)}_`)).replaceAll(/\{.*?\}/g, '`$&`'),
      pieces: say(...names.map(() => '\n'))
        .split('\n')
        .filter((piece) => piece.length >= 12),
      varies: say.toString().includes(' ? '),
    }
  }),
)
