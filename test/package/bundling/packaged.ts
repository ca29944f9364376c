import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseAst } from 'rollup/parseAst'
import type { Project } from '../packed.js'

/** A target of `exports` or `imports`: a file, or several by condition. */
type Target = string | { readonly [condition: string]: Target }

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, Target>>
  readonly imports?: Readonly<Record<string, Target>>
}

/** The conditions of a production bundle for a browser. */
const conditions = new Set(['default', 'import', 'browser', 'production'])

function fileOf(target: Target): string | undefined {
  if (typeof target === 'string') return target.slice('./'.length)
  for (const [condition, inner] of Object.entries(target)) {
    const file = conditions.has(condition) ? fileOf(inner) : undefined
    if (file !== undefined) return file
  }
  return undefined
}

/** A node of Rollup's syntax tree; its fields depend on `type`. */
interface Node {
  readonly type: string
  readonly [field: string]: unknown
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value
const nodesIn = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [])
const parse = (text: string): Node[] => nodesIn((parseAst(text) as unknown as Node)['body'])

/** An identifier, or an equivalent string. */
const nameOf = (node: unknown): string => {
  const { name, value } = node as { name?: string; value?: string }
  return name ?? value ?? ''
}

function walk(code: string, visit: (node: Node) => void): void {
  const go = (node: Node): void => {
    visit(node)
    // The path of an import is not part of what a module does.
    for (const [field, inner] of Object.entries(node))
      if (field !== 'source') for (const each of nodesIn(inner)) go(each)
  }
  for (const node of parse(code)) go(node)
}

/** The strings in the code, and the parts of its templates. */
export function textsIn(code: string): string[] {
  const texts: string[] = []
  walk(code, ({ type, value }) => {
    if (type === 'Literal' && typeof value === 'string') texts.push(value)
    if (type === 'TemplateElement') texts.push((value as { cooked: string }).cooked)
  })
  return texts
}

/** What minifiers never rename: strings and property names. Short ones say too little. */
export function lasting(code: string): Set<string> {
  const found = textsIn(code)
  walk(code, ({ type, computed, property, key }) => {
    if (computed === true) return
    const name = type === 'MemberExpression' ? property : key
    if (isNode(name) && name.type === 'Identifier') found.push(nameOf(name))
  })
  return new Set(found.filter((word) => word.length > 4))
}

interface Module {
  readonly lasting: ReadonlySet<string>
  /** Names it imports from other modules of the package; `*` for all of them. */
  readonly taken: readonly (readonly [file: string, name: string])[]
  /** Names it re-exports. */
  readonly passedOn: ReadonlyMap<string, readonly [file: string, name: string]>
  /** Modules it re-exports completely. */
  readonly passedOnWhole: readonly string[]
  /** Names it defines and exports. */
  readonly own: readonly string[]
}

export interface Entry {
  /** As it is imported. */
  readonly name: string
  /** In the package. */
  readonly file: string
}

/** The modules of the installed package, as a bundler for a browser sees them. */
export class Packaged {
  readonly entries: readonly Entry[]
  readonly #modules = new Map<string, Module>()

  constructor({ installed }: Pick<Project, 'installed'>) {
    const read = (file: string): string => readFileSync(join(installed, file), 'utf8')
    const { name, exports, imports = {} } = JSON.parse(read('package.json')) as Manifest
    this.entries = Object.entries(exports).flatMap(([path, target]) => {
      const file = fileOf(target)
      return file?.endsWith('.js') === true ? [{ name: join(name, path), file }] : []
    })
    for (const file of readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.js')) continue
      const at = join('dist', file)
      this.#modules.set(
        at,
        moduleOf(read(at), (specifier) => {
          if (specifier.startsWith('#')) return fileOf(imports[specifier]!)
          return specifier.startsWith('.') ? relative('.', join(dirname(at), specifier)) : undefined
        }),
      )
    }
  }

  exportsOf(file: string): string[] {
    const { own, passedOn, passedOnWhole } = this.#modules.get(file)!
    return [...own, ...passedOn.keys(), ...passedOnWhole.flatMap((each) => this.exportsOf(each))]
  }

  /** All modules these names of an entry need, and the traces of all other modules that none of these contains. */
  needed(file: string, names: readonly string[]): { modules: ReadonlySet<string>; foreign: ReadonlySet<string> } {
    const modules = new Set<string>()
    for (const name of names) this.#follow(file, name, modules)
    const have = new Set([...modules].flatMap((each) => [...this.#modules.get(each)!.lasting]))
    const others = [...this.#modules].filter(([each]) => !modules.has(each)).flatMap(([, each]) => [...each.lasting])
    return { modules, foreign: new Set(others.filter((word) => !have.has(word))) }
  }

  #follow(file: string, name: string, into: Set<string>): void {
    const module = this.#modules.get(file)!
    if (name === '*') for (const each of this.exportsOf(file)) this.#follow(file, each, into)
    const elsewhere = module.passedOn.get(name)
    if (elsewhere !== undefined) return this.#follow(...elsewhere, into)
    if (!module.own.includes(name)) {
      for (const each of module.passedOnWhole) if (this.exportsOf(each).includes(name)) this.#follow(each, name, into)
      return
    }
    if (into.has(file)) return
    into.add(file)
    for (const taken of module.taken) this.#follow(...taken, into)
  }
}

function moduleOf(text: string, resolve: (specifier: string) => string | undefined): Module {
  const taken: [string, string][] = []
  const passedOn = new Map<string, readonly [string, string]>()
  const passedOnWhole: string[] = []
  const own: string[] = []
  for (const node of parse(text)) {
    const from = node['source'] === undefined || node['source'] === null ? undefined : resolve(nameOf(node['source']))
    const specifiers = nodesIn(node['specifiers'])
    switch (node.type) {
      case 'ImportDeclaration':
        if (from === undefined) break
        for (const { type, imported } of specifiers)
          taken.push([from, type === 'ImportSpecifier' ? nameOf(imported) : '*'])
        break
      case 'ExportAllDeclaration':
        if (from !== undefined) passedOnWhole.push(from)
        break
      case 'ExportNamedDeclaration':
        for (const { local, exported } of specifiers)
          if (from === undefined) own.push(nameOf(exported))
          else passedOn.set(nameOf(exported), [from, nameOf(local)])
        for (const declaration of nodesIn(node['declaration']))
          for (const { id } of declaration.type === 'VariableDeclaration'
            ? nodesIn(declaration['declarations'])
            : [declaration])
            own.push(nameOf(id))
    }
  }
  return { lasting: lasting(text), taken, passedOn, passedOnWhole, own }
}
