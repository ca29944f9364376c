import { stateName, type Column, type Facts, type Snapshot, type Variant } from './model.js'

// The table of the design, written by hand. A pair that is not listed is ignored: same state, no effect, no timer changed.
//
//   'target'                    goes there and keeps `why`
//   'target because why'        … and sets `why`
//   'target + effect'           … and requests an effect, besides those of entry and exit
//   'guard ? this : that'       without ': that', it is ignored if the guard is false
//
// A target within `open` is one of its regions; the other one stays as it is.

type Row = Partial<Record<Column, string>>

/** The active state, whichever engine runs the chart. */
export type Place = Pick<Snapshot, 'value' | 'context'>

/** The result of an event. */
export interface Outcome {
  readonly snapshot: Place
  readonly effects: readonly string[]
  /** Timers that were set or cleared. */
  readonly timers: readonly string[]
}

const dial = 'connecting.resolving'

const closed: Row = {
  OPEN: `${dial} because open`,
  RECONNECT: `${dial} because reconnect`,
  CLOSE: 'ended because close',
}

const backoff: Row = {
  ...closed,
  'environment.offline': 'suspended because offline',
  'environment.bfcached': 'suspended because bfcached',
  'after wait': `${dial} because retry`,
}

const live: Row = {
  RECONNECT: `${dial} because reconnect`,
  CLOSE: 'closing because close',
  'socket.closed': 'current ? deciding because closed',
  'environment.bfcached': 'suspended because bfcached',
}

const connecting: Row = {
  ...live,
  'environment.online': `dialledOffline ? ${dial} because online`,
  'after connectTimeout': 'deciding because connect-timeout',
}

const resting: Row = {
  ...live,
  'environment.online': 'canPing ? probing + ping, watch',
  'environment.offline': 'canPing ? probing + ping, watch',
  'environment.visible': 'canPing ? probing + ping, watch',
  'environment.resume': 'canPing ? probing + ping, watch',
  'environment.woke': 'canPing ? probing + ping, watch',
  'environment.restored': 'canPing ? probing + ping, watch',
  'socket.resumed': 'current ? canPing ? probing + ping, watch',
  'after checkInterval': 'heard ? resting : paused ? resting : waiting + ping, watch',
}

const waiting: Row = {
  ...live,
  'environment.online': 'canPing ? probing + watch',
  'environment.offline': 'canPing ? probing + watch',
  'environment.visible': 'canPing ? probing + watch',
  'environment.resume': 'canPing ? probing + watch',
  'environment.woke': 'canPing ? probing + watch',
  'environment.restored': 'canPing ? probing + watch',
  'socket.alive': 'current ? resting',
  'after timeout': 'paused ? resting : moving ? waiting + watch : grace',
}

const probing: Row = {
  ...live,
  'socket.alive': 'current ? resting',
  'after probe': 'paused ? resting : moving ? probing + watch : grace',
}

const grace: Row = {
  ...live,
  'socket.alive': 'current ? resting',
  'after grace': 'paused ? resting : deciding because heartbeat-timeout',
}

const settling: Row = { HEALTHY: 'stable', 'after stableAfter': 'stable' }

export const table: Record<string, Row> = {
  idle: closed,
  deciding: {
    ...closed,
    'policy.retry': 'current ? backoff.scheduled',
    'policy.stop': 'current ? ended because refused',
  },
  'backoff.scheduled': {
    ...backoff,
    'environment.online': 'ownDelay ? backoff.hastened',
    'environment.visible': 'ownDelay ? backoff.hastened',
    'environment.resume': 'ownDelay ? backoff.hastened',
    'environment.woke': 'ownDelay ? backoff.hastened',
  },
  'backoff.hastened': backoff,
  suspended: {
    ...closed,
    'environment.online': 'backoff.hastened',
    'environment.restored': 'backoff.hastened',
    // Suspended for another reason, and for the same time again.
    'environment.bfcached': 'suspended because bfcached',
    'after wait': `${dial} because retry`,
  },
  ended: { OPEN: closed.OPEN!, RECONNECT: closed.RECONNECT! },
  'connecting.resolving': { ...connecting, 'socket.resolved': 'current ? connecting.handshaking' },
  'connecting.handshaking': { ...connecting, 'socket.opened': 'current ? connecting.preparing' },
  'connecting.preparing': { ...connecting, 'socket.prepared': 'current ? open (resting, settling)' },
  'open (resting, settling)': { ...resting, ...settling },
  'open (resting, stable)': resting,
  'open (waiting, settling)': { ...waiting, ...settling },
  'open (waiting, stable)': waiting,
  'open (probing, settling)': { ...probing, ...settling },
  'open (probing, stable)': probing,
  'open (grace, settling)': { ...grace, ...settling },
  'open (grace, stable)': grace,
  closing: {
    OPEN: `${dial} because open`,
    RECONNECT: live.RECONNECT!,
    'socket.closed': 'current ? ended',
    'environment.bfcached': 'ended',
    'after closeTimeout': 'ended because close-timeout',
  },
}

/** The effects of entering or reentering a state. */
const arrivals: Record<string, string> = {
  'connecting.resolving': 'dial',
  'connecting.preparing': 'prepare',
  'open (resting, settling)': 'announceOpen',
  closing: 'startClosing',
  deciding: 'decideRetry',
  ended: 'settle',
}

const isLive = (state: string): boolean => /^(connecting|open|closing)/.test(state)

/** The expected result of an event. */
export interface Expectation {
  readonly state: string
  readonly why: string
  readonly effects: readonly string[]
}

/** `undefined`: ignored. */
function choose(text: string | undefined, holds: (guard: string) => boolean): string | undefined {
  const [, guard, rest] = /^(\w+) \? (.*)$/.exec(text ?? '') ?? []
  if (guard === undefined || rest === undefined) return text
  const [yes, no] = splitAt(rest, ' : ')
  return choose(holds(guard) ? yes : no, holds)
}

function splitAt(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)]
}

/** The other region of `open` stays as it is. */
function resolveTarget(state: string, target: string): string {
  const [, heartbeat, stability] = /^open \((\w+), (\w+)\)$/.exec(state) ?? []
  if (['settling', 'stable'].includes(target)) return `open (${heartbeat}, ${target})`
  if (['resting', 'waiting', 'probing', 'grace'].includes(target)) return `open (${target}, ${stability})`
  return target
}

function expectationOf(snapshot: Place, text: string): Expectation {
  const state = stateName(snapshot)
  const [move, why = snapshot.context.why] = splitAt(text, ' because ')
  const [target, effect] = splitAt(move, ' + ')
  const to = resolveTarget(state, target)
  const arrival = to.startsWith('open') && state.startsWith('open') ? undefined : arrivals[to]
  const leaves = isLive(state) && (!isLive(to) || to === dial)
  const effects = [leaves ? 'dispose' : undefined, effect, arrival].filter((each) => each !== undefined)
  return { state: to, why, effects }
}

function guards(snapshot: Place, { current }: Variant, facts: Facts): (guard: string) => boolean {
  const answers: Record<string, boolean> = { ...facts, current, ownDelay: !snapshot.context.hinted }
  return (guard) => {
    const answer = answers[guard]
    if (answer === undefined) throw new Error(`the table asks ${guard}, which is no guard`)
    return answer
  }
}

/** The difference between the result of an event and the expected one; `undefined` if there is none. */
export function complaints(snapshot: Place, outcome: Outcome, expected: Expectation | undefined): string[] {
  const state = stateName(outcome.snapshot)
  const { why } = outcome.snapshot.context
  const effects = outcome.effects.join(', ')
  if (expected === undefined) {
    const touched = [...outcome.effects, ...outcome.timers]
    const same = JSON.stringify(outcome.snapshot.context) === JSON.stringify(snapshot.context)
    return [
      ...(state === stateName(snapshot) ? [] : [`goes to ${state} and should stay`]),
      ...(touched.length === 0 ? [] : [`should do nothing and does ${touched.join(', ')}`]),
      ...(same ? [] : ['should remember nothing and does']),
    ]
  }
  return [
    ...(state === expected.state ? [] : [`goes to ${state}, not ${expected.state}`]),
    ...(why === expected.why ? [] : [`says ${why}, not ${expected.why}`]),
    ...(effects === expected.effects.join(', ') ? [] : [`does ${effects}, not ${expected.effects.join(', ')}`]),
  ]
}

/** The event of a timer of another state. */
export function isForeign(state: string, { event }: Variant): boolean {
  const [, delay, id] = /^xstate\.after\.(\w+)\.connection\.(.*)$/.exec(event.type) ?? []
  return delay === 'wait' && id !== `closed.${state}`
}

/** The expected result of an event in one variant with the given facts. `undefined`: it is ignored. */
export function expectedOf(snapshot: Place, variant: Variant, facts: Facts): Expectation | undefined {
  const state = stateName(snapshot)
  // The event of a timer of another state comes too late, like one of an old generation.
  if (isForeign(state, variant)) return undefined
  const chosen = choose(table[state]![variant.column], guards(snapshot, variant, facts))
  return chosen === undefined ? undefined : expectationOf(snapshot, chosen)
}
