import { fit, widthOf, wrap, type Line, type Span } from '../terminal/text.js'
import { faultList, type LabFault } from './faults.js'

/** A key that is no fault. */
export type CommandName = 'heal' | 'close' | 'open' | 'help' | 'quit'

interface Key {
  readonly key: string
  readonly name: string
  readonly effect: string
}

/** What a key is for: a fault to strike with, or a command. */
export type Meaning = { readonly fault: LabFault } | { readonly command: CommandName }

const commandList: readonly (Key & { readonly name: CommandName })[] = [
  { key: 'o', name: 'heal', effect: 'back to normal' },
  { key: 'c', name: 'close', effect: 'close() the connection' },
  { key: 'n', name: 'open', effect: 'open() it again; in backoff, reconnect() now' },
  { key: '?', name: 'help', effect: 'this' },
  { key: 'q', name: 'quit', effect: 'close everything and leave' },
]

/** Upper case will do: a caps lock is no reason to do nothing. */
export function meaningOf(key: string): Meaning | undefined {
  const wanted = key.toLowerCase()
  const fault = faultList.find((each) => each.key === wanted)
  if (fault !== undefined) return { fault }
  const command = commandList.find((each) => each.key === wanted)
  return command === undefined ? undefined : { command: command.name }
}

/** `re[f]use`, or `[o] heal` where the letter is not in the word. A star, because a colour alone would not do. */
function labelOf({ key, name }: Key, active: boolean): Span {
  const at = name.indexOf(key)
  const text = at === -1 ? `[${key}] ${name}` : `${name.slice(0, at)}[${key}]${name.slice(at + 1)}`
  return active ? { text: `${text}*`, tone: 'bad' } : { text, tone: 'faint' }
}

const spaced = (spans: readonly Span[]): Line =>
  spans.flatMap((span, at) => (at === 0 ? [span] : [{ text: ' ' }, span]))

/** The widest the rows get, with a star; how they are laid out must not depend on which fault is on. */
const starred = (line: Line): number => widthOf(line) + 1

/** What can be pressed, in rows no wider than the terminal. `*` marks the fault that is on. */
export function keyRows(fault: LabFault | undefined, width: number): Line[] {
  const isOn = (each: Key): boolean => each === fault
  const faults = spaced(faultList.map((each) => labelOf(each, isOn(each))))
  const commands = spaced(commandList.map((each) => labelOf(each, false)))
  const all = [...faults, { text: ' ' }, ...commands]
  const starless = (line: Line): number => starred(line) - (fault === undefined ? 0 : 1)
  if (starless(all) <= width) return [all]
  if (starless(faults) <= width) return [faults, commands]
  const letters = faultList.map((each): Span =>
    isOn(each) ? { text: `${each.key}*`, tone: 'bad' } : { text: each.key },
  )
  const rest = commandList.filter(({ name }) => name !== 'help').map(({ key }) => ({ text: key }))
  return [fit([[...spaced([...letters, ...rest]), { text: ' · ? help' }]], width)]
}

/** What every key does, for the log. */
export function help(width: number): string[] {
  const describe = ({ key, name, effect }: Key): string[] => wrap(`  ${key}  ${name.padEnd(11)} ${effect}`, width, 5)
  return [
    ...wrap('Faults, one at a time; striking with one heals the one before:', width),
    ...faultList.flatMap(describe),
    ...wrap('And:', width),
    ...commandList.flatMap(describe),
  ]
}
