import { stateDescriptions } from '../../machines/connection.descriptions.js'
import {
  actionNames,
  allNodes,
  arrival,
  branchesOf,
  configurations,
  delayNames,
  entryActions,
  eventTypes,
  guardNames,
  ownBranches,
  root,
  timerOf,
  type Branch,
  type Configuration,
  type Node,
} from '../../machines/picture/model.js'
import { effectNames, eventDocs, functionCodes, memberDocs } from './sources.js'

const nothing = '–'
const code = (text: string): string => `\`${text}\``
const cell = (text: string): string => text.replaceAll('|', String.raw`\|`)
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(header), `|${' --- |'.repeat(header.length)}`, ...rows.map(row)].join('\n')
}

const pathOf = (node: Node): string => (node === root ? node.key : node.path.join('.'))

function outcome({ leaves }: Configuration, { source, target, reenter }: Branch): string {
  if (target === undefined) return 'ignored'
  const there = arrival(target)
  // Left and entered again, so its timers are new, and its socket if `live` was left.
  const anew = leaves.includes(there) && (reenter || source !== target)
  return `→ ${there.key}${anew ? ' again' : ''}`
}

/** What becomes of an event, in words. */
export function renderAnswer(configuration: Configuration, eventType: string): string {
  const branches = branchesOf(configuration, eventType)
  const parts: { text: string; guards: string[] }[] = []
  let last = 'ignored'
  for (const branch of branches) {
    const text = outcome(configuration, branch)
    if (branch.guard === undefined) {
      last = text
      break
    }
    const before = parts.at(-1)
    if (before?.text === text) before.guards.push(branch.guard)
    else parts.push({ text, guards: [branch.guard] })
  }
  if (parts.length === 0) return last
  return [...parts.map(({ text, guards }) => `${text} if ${guards.join(' or ')}`), `else ${last}`].join(', ')
}

function renderTables(): string {
  const part = (title: string, columns: readonly string[], answer: (at: Configuration, column: string) => string) => [
    `### ${title}`,
    table(
      ['state', ...columns],
      configurations.map((at) => [`**${at.name}**`, ...columns.map((column) => answer(at, column))]),
    ),
  ]
  const events = (title: string, belongs: (type: string) => boolean): string[] =>
    part(title, eventTypes.filter(belongs), renderAnswer)
  const running = (at: Configuration, column: string): string => {
    const event = timerOf(at, column.replace('after ', ''))
    return event === undefined ? 'not running' : renderAnswer(at, event)
  }
  return [
    ...events('Commands', (type) => !type.includes('.')),
    ...events('Socket', (type) => type.startsWith('socket.')),
    ...events('Policy', (type) => type.startsWith('policy.')),
    ...events('Environment', (type) => type.startsWith('environment.')),
    ...part(
      'Time',
      delayNames.map((delay) => `after ${delay}`),
      running,
    ),
  ].join('\n\n')
}

function renderStates(): string {
  const tagOf = (node: Node): string => [...node.tags, ...(node.parent ? [tagOf(node.parent)] : [])].join('')
  const rows = allNodes
    .filter((node) => node !== root)
    .map((node) => [
      code(pathOf(node)),
      tagOf(node) || nothing,
      stateDescriptions[pathOf(node)] ?? nothing,
      [
        ...entryActions(node).map((action) => `on entry ${code(action)}`),
        ...node.invoke.map(({ src }) => `while here ${code(String(src))}`),
      ].join(', ') || nothing,
    ])
  return table(['state', 'readyState', 'what it is', 'what it does'], rows)
}

/** Where a name is used: in which states, and at what. */
function uses(uses: (branch: Branch) => boolean, entry: (node: Node) => boolean): string {
  const places = allNodes.flatMap((node) => {
    const events = [...node.transitions.keys()].filter((type) => ownBranches(node, type).some(uses))
    const ways = [...(entry(node) ? ['entry'] : []), ...events.map((type) => eventLabel(node, type))]
    return ways.length > 0 ? [`${code(pathOf(node))} (${ways.join(', ')})`] : []
  })
  return places.join('; ') || nothing
}

function eventLabel(node: Node, eventType: string): string {
  const delay = node.after.find((after) => after.eventType === eventType)?.delay
  return delay === undefined ? eventType : `after ${String(delay)}`
}

function renderDelays(): string {
  const codes = functionCodes()
  const docs = new Map([...memberDocs('ConnectionContext'), ...memberDocs('ChartHost')])
  return table(
    ['delay', 'how long', 'meaning', 'runs in'],
    delayNames.map((name) => [
      code(name),
      code(codes.get(name) ?? ''),
      docs.get(name) ?? nothing,
      allNodes
        .filter((node) => node.after.some(({ delay }) => delay === name))
        .map((node) => code(pathOf(node)))
        .join(', ') || nothing,
    ]),
  )
}

function renderGuards(): string {
  const codes = functionCodes()
  const docs = memberDocs('ChartHost')
  return table(
    ['guard', 'true when', 'meaning', 'used in'],
    guardNames.map((name) => [
      code(name),
      code(codes.get(name) ?? ''),
      docs.get(name) ?? nothing,
      uses(
        ({ guard }) => guard === name,
        () => false,
      ),
    ]),
  )
}

function renderActions(): string {
  const codes = functionCodes()
  const effects = effectNames()
  const named = (name: string) => (action: string) => action === name || action.startsWith(`${name} `)
  return table(
    ['action', 'what it does', 'used in'],
    actionNames.map((name) => {
      const isEffect = effects.includes(name)
      return [
        code(name),
        isEffect ? 'named here, done by the host after the event' : code(codes.get(name) ?? ''),
        uses(
          ({ actions }) => actions.some(named(name)),
          (node) => entryActions(node).some(named(name)),
        ),
      ]
    }),
  )
}

function renderEvents(): string {
  const docs = eventDocs()
  return table(
    ['event', 'meaning', 'handled in'],
    eventTypes.map((type) => [
      code(type),
      docs.get(type) ?? nothing,
      allNodes
        .filter((node) => ownBranches(node, type).some(({ target }) => target !== undefined))
        .map((node) => code(pathOf(node)))
        .join(', ') || 'no state',
    ]),
  )
}

/** All of `machines/connection.md`. */
export function renderChartDocument(): string {
  const pairs = configurations.length * (eventTypes.length + delayNames.length)
  return `${[
    '<!-- Generated from connection.machine.ts by `npm run chart`; a test fails when it is stale. Change the chart, not this. -->',
    '# The connection chart',
    `The chart of \`connection.machine.ts\` has ${configurations.length} stable states, ${eventTypes.length} events and ${delayNames.length} delays: ${pairs} answers. This page is generated.`,
    '[Picture](#picture) · [States](#states) · [Events](#events) · [Answers](#answers) · [Names](#names)',
    '## Picture',
    '![The connection as a statechart](connection.svg)',
    '## States',
    renderStates(),
    '## Events',
    renderEvents(),
    '## Answers',
    'What each state does on each event. `→ x` goes to x. `again` leaves the state and enters it again. `ignored` changes nothing, not even a timer. `not running`: no such timer runs in this state.',
    renderTables(),
    '## Names',
    '### Delays',
    renderDelays(),
    '### Guards',
    renderGuards(),
    '### Actions',
    renderActions(),
  ].join('\n\n')}\n`
}
