import { stateDescriptions } from '../../machines/connection.descriptions.js'
import { allNodes, arrival, entryActions, ownBranches, type Branch, type Node } from '../../machines/picture/model.js'

// docs/chart.md is written by hand, except for the block of each state. This writes what stands between
// `<!-- state: live.open -->` and `<!-- /state -->`.

const marker = /<!-- state: ([\w.]+) -->\n.*?<!-- \/state -->/gs

const pathOf = (node: Node): string => node.path.join('.')
const code = (text: string): string => `\`${text}\``

const tagOf = (node: Node): string => [...node.tags, ...(node.parent ? [tagOf(node.parent)] : [])].join('')

/** `environment.online`, `visible`: the prefix is written once. */
function eventNames(types: readonly string[]): string {
  const prefixes = new Map<string, string[]>()
  for (const type of types) {
    const [, prefix = '', name = type] = /^(\w+)\.(\w+)$/.exec(type) ?? []
    prefixes.set(prefix, [...(prefixes.get(prefix) ?? []), name])
  }
  return [...prefixes]
    .flatMap(([prefix, [first = '', ...others]]) => [prefix === '' ? first : `${prefix}.${first}`, ...others])
    .map(code)
    .join(', ')
}

function outcome({ source, target, actions }: Branch): string {
  const does = actions.filter((action) => !action.startsWith('because') && !action.startsWith('take'))
  const there = target === undefined ? 'nothing changes' : `→ ${code(pathOf(arrival(target)))}`
  const again = target === source ? ', again' : ''
  return there + again + (does.length > 0 ? ` (${does.map(code).join(', ')})` : '')
}

/** A state's own answer to an event, as one line: `→ x if y, else → z`. */
function answer(node: Node, type: string): string {
  const parts = ownBranches(node, type).map((branch) => {
    const when = branch.guard === undefined ? '' : ` if ${code(branch.guard)}`
    return outcome(branch) + when
  })
  return parts.join(', else ')
}

/** One state: its tag, its actions, and the answer to each event. Events with the same answer share a line. */
export function renderState(path: string): string {
  const node = allNodes.find((each) => pathOf(each) === path)
  if (node === undefined) throw new Error(`docs/chart.md describes ${path}, which is no state of the chart`)
  const delays = new Map(node.after.map(({ eventType, delay }) => [eventType, String(delay)]))
  const lines = new Map<string, string[]>()
  for (const type of node.transitions.keys()) {
    const delay = delays.get(type)
    const said = answer(node, type)
    if (delay === undefined) lines.set(said, [...(lines.get(said) ?? []), type])
    else lines.set(`after ${code(delay)} ${said}`, [])
  }
  const facts = [
    `**${code(path)}**`,
    ...[tagOf(node)].filter((tag) => tag !== ''),
    ...entryActions(node).map((action) => `on entry ${code(action)}`),
    ...node.invoke.map(({ src }) => `while here ${code(String(src))}`),
  ]
  const description = stateDescriptions[path]
  const head =
    facts.join(' · ') +
    (description === undefined
      ? ''
      : `

_${description}_`)
  const list = [...lines].map(([said, types]) => `- ${types.length > 0 ? `${eventNames(types)} ` : ''}${said}`)
  return [head, list.join('\n')].filter((part) => part !== '').join('\n\n')
}

/** The page with each block renewed from the chart. */
export function fillStory(page: string): string {
  return page.replace(marker, (_, path: string) => `<!-- state: ${path} -->\n\n${renderState(path)}\n\n<!-- /state -->`)
}

/** The states that the page describes, in its order. */
export function statesTold(page: string): string[] {
  return [...page.matchAll(marker)].map(([, path = '']) => path)
}
