import { parseArgs, type ParseArgsConfig } from 'node:util'
import { UsageError } from './command.js'

type Options = NonNullable<ParseArgsConfig['options']>

/** How many letters are wrong: missing, too many, different, or two in each other's place. */
function distance(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, at) => at)]
  for (let i = 1; i <= one.length; i++) {
    const row = [i]
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1
      row[j] = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + same)
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1)
      }
    }
    rows.push(row)
  }
  return rows[one.length]![other.length]!
}

/** The one that was probably meant, if one is near enough, or begins so. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  // What is much longer than any name is none that was mistyped.
  if (given.length > 40) return undefined
  const most = given.length < 4 ? 1 : 2
  const [best] = known
    .map((name) => ({ name, errors: distance(given.toLowerCase(), name) }))
    .filter(({ name, errors }) => errors <= most || (given.length >= 3 && name.startsWith(given.toLowerCase())))
    .sort((a, b) => a.errors - b.errors)
  return best?.name
}

/** What may have been meant, as a part of a sentence. */
export const didYouMean = (name: string | undefined): string => (name === undefined ? '' : `; did you mean ${name}?`)

/** As Node's, but an unknown option is answered with the one that was probably meant. */
export function parseOptions<const T extends ParseArgsConfig & { readonly options: Options }>(
  config: T,
): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw error
    const [, option = ''] = /^Unknown option '(-[^'=]*)/.exec((error as Error).message) ?? []
    throw new UsageError(unknownOption(option, config.args ?? [], Object.keys(config.options)))
  }
}

function unknownOption(option: string, args: readonly string[], known: readonly string[]): string {
  // Node reads `-header` as six options of one letter.
  const word = args.find((arg) => /^-[a-z][a-z-]+/.test(arg) && option.length === 2 && arg.includes(option[1]!))
  const name = (option.startsWith('--') ? option : (word ?? option)).replace(/^-+/, '').replace(/=.*$/s, '')
  const meant = nearest(name, [...known, 'help'])
  return `there is no option ${option}${didYouMean(meant === undefined ? undefined : `--${meant}`)}`
}
