import type { ConnectionStatus } from '../../../index.js'
import { seconds } from '../status/ending.js'
import { attempt, because, join, roundTrip, tones } from '../status/present.js'
import { fit, widthOf, wrap, type Line, type Span } from '../terminal/text.js'
import { faultList, healing, type LabFault } from './faults.js'
import type { Totals } from './traffic.js'

// The rows at the bottom of the terminal: the connection's status, and the keys.

/** A key that doesn't inject a fault. */
export type CommandName = 'heal' | 'close' | 'open' | 'help' | 'quit'

interface Key {
  readonly key: string
  readonly name: string
  readonly effect: string
}

/** What a key does: inject a fault, or run a command. */
export type Meaning = { readonly fault: LabFault } | { readonly command: CommandName }

const commandList: readonly (Key & { readonly name: CommandName })[] = [
  healing,
  { key: 'c', name: 'close', effect: 'close() the connection' },
  { key: 'n', name: 'open', effect: 'open() it again; during backoff, reconnect() now' },
  { key: '?', name: 'help', effect: 'list the keys' },
  { key: 'q', name: 'quit', effect: 'close everything and quit' },
]

/** Looks a key up. Ignores case, for caps lock. */
export function meaningOf(key: string): Meaning | undefined {
  const wanted = key.toLowerCase()
  const fault = faultList.find((each) => each.key === wanted)
  if (fault !== undefined) return { fault }
  const command = commandList.find((each) => each.key === wanted)
  return command === undefined ? undefined : { command: command.name }
}

/** `re[f]use`, or `[n] open` if the key is not a letter of the name. A star marks the active fault where there are no colors. */
function labelOf({ key, name }: Key, active: boolean): Span {
  const at = name.indexOf(key)
  const text = at === -1 ? `[${key}] ${name}` : `${name.slice(0, at)}[${key}]${name.slice(at + 1)}`
  return active ? { text: `${text}*`, tone: 'bad' } : { text, tone: 'faint' }
}

const spaced = (spans: readonly Span[]): Line =>
  spans.flatMap((span, at) => (at === 0 ? [span] : [{ text: ' ' }, span]))

/** The width with a star, so that the layout doesn't depend on the active fault. */
const starred = (line: Line): number => widthOf(line) + 1

/** The keys, in rows that fit the width. `*` marks the active fault. */
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
    ...wrap('Faults, one at a time. A new fault replaces the active one:', width),
    ...faultList.flatMap(describe),
    ...wrap('Commands:', width),
    ...commandList.flatMap(describe),
  ]
}

/** Everything that the status rows show. */
export interface Live {
  readonly status: ConnectionStatus
  /** The current time in milliseconds since 1970, like `status.retryAt`. */
  readonly wall: number
  readonly totals: Totals
  readonly queued: number
  /** The last round trip. Milliseconds. */
  readonly rtt: number | undefined
  /** How long an open link has been silent. Milliseconds. */
  readonly silence: number
}

/** A silence worth showing: several echoes are overdue by then. Milliseconds. */
const longSilence = 1_000

/** From `wide` columns on, everything fits on one row; from `narrow` on, on two. */
const wide = 100
const narrow = 60

function why({ status, silence }: Live): string {
  return status.state === 'open' && silence > longSilence ? `silent for ${seconds(silence)}` : because(status)
}

/** The current status, in rows that fit the width. Their number depends only on the width. */
export function liveRows(live: Live, width: number): Line[] {
  const { status, totals, queued, rtt } = live
  const name: Span = { text: status.state, tone: tones[status.state] }
  const reason = why(live)
  const state: Line = reason === '' ? [name] : [name, { text: `: ${reason}` }]
  const ended = status.state === 'ended' || status.state === 'idle'
  const next = attempt(status, live.wall)
  const when: Line = ended ? [] : [{ text: next.when }]
  const asked: Line = ended ? [] : [{ text: next.when + next.why }]
  const trip: Line = status.state === 'open' && rtt !== undefined ? [{ text: roundTrip(rtt) }] : []
  const uncertain = (label: string): Span => ({
    text: `${label} ${totals.uncertain}`,
    ...(totals.uncertain > 0 ? { tone: 'bad' } : {}),
  })
  const traffic: Line = [
    { text: `sent ${totals.sent} echoed ${totals.echoed} queued ${queued} ` },
    uncertain('uncertain'),
  ]
  const brief: Line = [{ text: `out ${totals.sent} in ${totals.echoed} q ${queued} ` }, uncertain('unc')]
  if (width < narrow) {
    return [fit([state], width), fit([join(asked, trip), asked, when], width), fit([traffic, brief], width)]
  }
  if (width < wide) {
    const variants = [join(state, asked, trip), join(state, asked), join(state, when)]
    return [fit(variants, width), fit([traffic, brief], width)]
  }
  const variants = [join(state, asked, trip, traffic), join(state, asked, traffic), join(state, when, traffic)]
  return [fit([...variants, join([name], when, traffic)], width)]
}
