import { posix } from 'node:path'

/** A file of the repository: its path from the root, and its text. */
export interface Source {
  readonly path: string
  readonly text: string
}

/** One import, or one re-export, of a module. */
export interface Import {
  /** The path from the repository root for local files, with `.js` read as `.ts`; otherwise as written. */
  readonly from: string
  /** `dynamic`: by `import()`. `type`: erased by the compiler. */
  readonly kind: 'value' | 'type' | 'dynamic'
}

/** Tokens after which a slash starts a regular expression, not a division. */
const beforeRegex = /(?:^|[([{,;:=!&|?+\-*%<>~^]|=>|\b(?:return|typeof|case|in|of|void|throw))\s*$/

/**
 * The code with its comments blanked, and with `strings: 'blank'` also the contents of strings, templates and regular
 * expressions. No parser: TypeScript 7 has no API for one, and this check needs none.
 */
export function strip(text: string, { strings }: { strings: 'keep' | 'blank' }): string {
  let out = ''
  let index = 0
  /** How many braces are open in each enclosing template expression. */
  const templates: number[] = []
  const content = (piece: string): string => (strings === 'keep' ? piece : piece.replace(/[^\n]/g, ' '))
  const until = (end: RegExp, from: number): number => {
    end.lastIndex = from
    return end.exec(text) === null ? text.length : end.lastIndex
  }
  const template = (from: number): number => {
    let at = from
    while (at < text.length && text[at] !== '`' && !text.startsWith('${', at)) at += text[at] === '\\' ? 2 : 1
    out += content(text.slice(from, at))
    if (text[at] === '`') {
      out += '`'
      return at + 1
    }
    templates.push(0)
    out += '${'
    return at + 2
  }
  while (index < text.length) {
    const char = text[index]!
    if (text.startsWith('//', index)) {
      index = until(/(?=\n)|$/g, index)
    } else if (text.startsWith('/*', index)) {
      const end = until(/\*\//g, index)
      out += text.slice(index, end).replace(/[^\n]/g, ' ')
      index = end
    } else if (char === "'" || char === '"') {
      const end = until(new RegExp(`(?:\\\\.|[^\\\\${char}])*${char}`, 'gy'), index + 1)
      out += char + content(text.slice(index + 1, end - 1)) + char
      index = end
    } else if (char === '`') {
      out += '`'
      index = template(index + 1)
    } else if (char === '/' && beforeRegex.test(out.slice(-40))) {
      const end = until(/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[])*\/\w*/gy, index + 1)
      out += `/${content(text.slice(index + 1, end))}`
      index = end
    } else if (templates.length > 0 && char === '}' && templates.at(-1) === 0) {
      templates.pop()
      out += '}'
      index = template(index + 1)
    } else {
      if (templates.length > 0 && char === '{') templates[templates.length - 1]!++
      if (templates.length > 0 && char === '}') templates[templates.length - 1]!--
      out += char
      index++
    }
  }
  return out
}

const statement = /(?:^|[;\n])\s*(?:import|export)\b(?<clause>[^;'"()=]*?)\bfrom\s*['"](?<from>[^'"]+)['"]/g
const bare = /(?:^|[;\n])\s*import\s*['"](?<from>[^'"]+)['"]/g
/** As an expression, or in a type: only the latter is followed by a name or preceded by `typeof`. */
const call =
  /(?<before>typeof\s+)?\bimport\s*\(\s*['"](?<from>[^'"]+)['"]\s*\)(?<after>\s*\.\s*(?!then\b|catch\b|finally\b)\w+)?/g
const required = /\brequire\s*(?:\.resolve\s*)?\(\s*['"](?<from>[^'"]+)['"]\s*\)/g

export function importsOf({ path, text }: Source): Import[] {
  const code = strip(text, { strings: 'keep' })
  const found: Import[] = []
  const add = (from: string, kind: Import['kind']): void => {
    found.push({ from: from.startsWith('.') ? own(path, from) : from, kind })
  }
  for (const { groups } of code.matchAll(statement)) {
    const clause = groups!['clause']!.trim()
    const named = /^\{(.*)\}$/s.exec(clause)
    const onlyTypes =
      /^type\b(?!\s*(?:,|$))/.test(clause) ||
      (named !== null &&
        named[1]!
          .split(',')
          .filter((name) => name.trim() !== '')
          .every((name) => /^\s*type\s/.test(name)))
    add(groups!['from']!, onlyTypes ? 'type' : 'value')
  }
  for (const { groups } of code.matchAll(bare)) add(groups!['from']!, 'value')
  for (const { groups } of code.matchAll(call)) {
    add(groups!['from']!, groups!['before'] !== undefined || groups!['after'] !== undefined ? 'type' : 'dynamic')
  }
  for (const { groups } of code.matchAll(required)) add(groups!['from']!, 'dynamic')
  return found
}

function own(path: string, from: string): string {
  return posix.normalize(posix.join(posix.dirname(path), from)).replace(/\.js$/, '.ts')
}

/** Which of these names the code uses as globals: bare, or through `globalThis`. */
export function globalsIn({ text }: Source, names: readonly string[]): string[] {
  const code = strip(text, { strings: 'blank' })
  return names.filter((name) => {
    // A name that is imported or declared is not the global.
    if (new RegExp(`\\bimport\\b[^;]*?[{,\\s]${name}\\b[^;]*?\\bfrom\\b`).test(code)) return false
    if (new RegExp(`\\b(?:const|let|function|class)\\s+${name}\\b|[(,]\\s*${name}\\s*\\??\\s*:`).test(code))
      return false
    return new RegExp(`(?<![.\\w$#])${name}\\b(?!\\s*\\??\\s*:)|\\bglobalThis\\s*\\??\\.\\s*${name}\\b`).test(code)
  })
}
