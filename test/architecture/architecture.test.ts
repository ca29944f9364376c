import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plants, ring } from './plants.js'
import { cyclesIn, violationsIn, long, layerOf, layers } from './rules.js'
import { importsOf, strip, type Source } from './source.js'
import { run } from '../support/processes.js'

const root = join(import.meta.dirname, '../..')

function read(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

const sources = [...read('machines'), ...read('src')]

describe('the layers', () => {
  it('each contain at least one file', () => {
    const inhabited = new Set(sources.map(({ path }) => layerOf(path)?.name))
    // The relay layer has no files yet.
    const expected = layers.map(({ name }) => name).filter((name) => name !== 'relay')
    expect(expected.filter((name) => !inhabited.has(name))).toEqual([])
    expect(sources.length).toBeGreaterThan(40)
  })

  it('import only allowed modules, and use only their own globals', () => {
    expect(sources.flatMap(violationsIn)).toEqual([])
  })

  it('have imports the parser finds', () => {
    const imports = sources.flatMap(importsOf)
    expect(imports.length).toBeGreaterThan(150)
    const ours = new Set(sources.map(({ path }) => path))
    const foreign = new Set(imports.map(({ from }) => from).filter((from) => !ours.has(from)))
    expect(
      [...foreign].filter(
        (from) =>
          !/^(?:xstate|#sentences|#factory-checks|#upgrade-watcher|ws(?:\/package\.json)?|@nats-io\/jetstream|node:[a-z_/]+)$/.test(
            from,
          ),
      ),
    ).toEqual([])
  })

  it('have no import cycle, types included', () => {
    expect(cyclesIn(sources)).toEqual([])
  })

  it('exempt only files over the length limit', () => {
    const lengths = new Map(sources.map(({ path, text }) => [path, text.split('\n').length - 1]))
    expect(Object.keys(long).filter((path) => !((lengths.get(path) ?? 0) > 300))).toEqual([])
  })
})

describe('the checker', () => {
  it.each(plants)('reports $path: $rule', (bad) => {
    expect(violationsIn(bad).map(({ rule }) => rule)).toEqual([bad.rule])
  })

  it('reports an import cycle', () => {
    expect(cyclesIn([...sources, ...ring])).toEqual(['src/ring-a.ts → src/ring-b.ts → src/ring-a.ts'])
  })

  it('reads code, not comments, strings, templates or regular expressions', () => {
    const text = [
      `// import 'a'`,
      `/* import { a } from 'b' */`,
      `const c = "import 'd'; Date.now()"`,
      'const e = `${(() => { return "}" })()} Date ${`${1} Date`}`',
      `const f = /["'\`]Date\\//.test(c) ? 6 / 2 / 1 : 0`,
      `import type { g } from '../h.js'`,
      `import { type i, j } from '../k.js'`,
    ].join('\n')
    expect(importsOf({ path: 'src/core/features/x.ts', text })).toEqual([
      { from: 'src/core/h.ts', kind: 'type' },
      { from: 'src/core/k.ts', kind: 'value' },
    ])
    expect(strip(text, { strings: 'blank' })).not.toMatch(/Date/)
    expect(strip(text, { strings: 'blank' }).split('\n')).toHaveLength(7)
  })
})

describe('the linter', () => {
  const linted = [...plants.filter(({ lint }) => lint !== undefined), ...ring]
  let folder: string
  let messages: Map<string, string[]>

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'statewire-lint-'))
    for (const each of ['.oxlintrc.json', 'tsconfig.base.json', 'tsconfig.json', 'machines', 'src']) {
      await cp(join(root, each), join(folder, each), { recursive: true })
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    for (const { path, text } of linted) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
    const oxlint = join(root, 'node_modules/.bin/oxlint')
    const { stdout } = await run(oxlint, ['--format', 'json', 'machines', 'src'], { cwd: folder }).catch(
      (failed: unknown) => failed as { stdout: string },
    )
    messages = new Map()
    for (const { filename, code } of (JSON.parse(stdout) as { diagnostics: { filename: string; code: string }[] })
      .diagnostics) {
      messages.set(filename, [...(messages.get(filename) ?? []), /\((.+)\)/.exec(code)?.[1] ?? code])
    }
  }, 30_000)

  afterAll(() => rm(folder, { recursive: true, force: true }))

  it.each(linted.filter((each) => 'lint' in each))('reports $path: $lint', ({ path, lint }) => {
    expect(messages.get(path)).toEqual([lint])
  })

  it('reports an import cycle', () => {
    expect(ring.map(({ path }) => messages.get(path))).toEqual([['no-cycle'], ['no-cycle']])
  })

  it('accepts the layers of the remaining files', () => {
    const planted = new Set(linted.map(({ path }) => path))
    const layered = /^no-(?:restricted-|cycle|default-export|console)/
    const rest = [...messages].filter(([path, rules]) => !planted.has(path) && rules.some((rule) => layered.test(rule)))
    expect(rest).toEqual([])
  })
})

describe('an entry', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string | Record<string, string | Record<string, string>>>
  }
  const files = (entry: string | Record<string, string | Record<string, string>>): string[] =>
    typeof entry === 'string' ? [entry] : Object.values(entry).flatMap((each) => files(each))
  const entries = [...new Set(Object.values(exports).flatMap(files))].filter((file) => file.endsWith('.js'))

  /** Runs in a separate process: imports one module and reports its side effects. */
  const probe = `
    import { performance as clock } from 'node:perf_hooks'
    // Reading files takes a turn or two to end.
    const { setTimeout: later } = globalThis
    const settled = () => new Promise((resolve) => later(resolve, 50))
    const touched = []
    const watch = (object, name, as) => {
      const original = Object.getOwnPropertyDescriptor(object, name)
      if (original === undefined || !original.configurable) return
      Object.defineProperty(object, name, {
        configurable: true,
        enumerable: original.enumerable,
        get() { touched.push(as); return original.get ? original.get.call(object) : original.value },
        set(value) { touched.push('set ' + as); original.value = value },
      })
    }
    const names = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch', 'WebSocket', 'navigator', 'reportError', 'crypto']
    const absent = ['window', 'document', 'location', 'localStorage', 'self']
    for (const name of absent) if (!(name in globalThis)) Object.defineProperty(globalThis, name, { configurable: true, get() { touched.push(name) } })
    for (const name of names) watch(globalThis, name, name)
    watch(Math, 'random', 'Math.random')
    watch(Date, 'now', 'Date.now')
    watch(Object.getPrototypeOf(clock), 'now', 'performance.now')
    const look = () => ({
      globals: Reflect.ownKeys(globalThis).map(String).sort(),
      resources: process.getActiveResourcesInfo(),
      listeners: process.eventNames().map(String).sort(),
    })
    const before = look()
    const exported = Object.keys(await import(process.argv[1]))
    const read = [...touched]
    await settled()
    const after = look()
    process.stdout.write(JSON.stringify({ before, after, touched: read, exported }))
  `

  it('is covered by this test', () => {
    expect(entries.length).toBeGreaterThanOrEqual(6)
  })

  it.each(entries)('%s has no side effect when it is imported', async (file) => {
    const path = join(root, file)
    expect(existsSync(path), `${file} is not there: npm run build`).toBe(true)
    const { stdout } = await run(process.execPath, [
      '--experimental-websocket',
      '--input-type=module',
      '--eval',
      probe,
      path,
    ])
    const { before, after, touched, exported } = JSON.parse(stdout) as {
      before: object
      after: object
      touched: string[]
      exported: string[]
    }
    expect(exported.length).toBeGreaterThan(0)
    expect(after).toEqual(before)
    expect(touched).toEqual([])
  })
})

describe('the types of the main entry', () => {
  /** Every declaration file this one refers to, and its external references. */
  function graph(entry: string): { files: string[]; packages: string[] } {
    const files = new Set<string>()
    const packages = new Set<string>()
    const walk = (file: string): void => {
      if (files.has(file)) return
      files.add(file)
      const text = readFileSync(join(root, file), 'utf8')
      for (const { from } of importsOf({ path: file, text })) {
        if (from.startsWith('dist/')) walk(from.replace(/\.ts$/, '.d.ts'))
        else packages.add(from)
      }
    }
    walk(entry)
    return { files: [...files], packages: [...packages] }
  }

  it('require neither xstate nor Node', () => {
    const { files, packages } = graph('dist/src/index.d.ts')
    expect(files.length).toBeGreaterThan(10)
    expect(packages).toEqual([])
    for (const file of files) {
      const text = strip(readFileSync(join(root, file), 'utf8'), { strings: 'keep' })
      // `@xstate.actor` and similar are event names.
      expect(text.replaceAll(/@xstate\./g, ''), file).not.toMatch(/xstate|\bNodeJS\b|\bBuffer\b/)
      expect(text, file).not.toMatch(/<reference/)
    }
  })
})
