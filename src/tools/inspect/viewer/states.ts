// Reads the state of a connection's chart from messages. Nothing about their shape is trusted.

/** The states of `status`, plus `deciding`, which is transient, and `doubted`: an open link with a ping pending. */
export const phases = [
  'idle',
  'connecting',
  'open',
  'doubted',
  'closing',
  'deciding',
  'backoff',
  'suspended',
  'ended',
] as const

export type Phase = (typeof phases)[number]

export const phaseWords: Readonly<Record<Phase, string>> = {
  idle: 'idle',
  connecting: 'connecting',
  open: 'open',
  doubted: 'checking',
  closing: 'closing',
  deciding: 'deciding',
  backoff: 'backing off',
  suspended: 'suspended',
  ended: 'ended',
}

/** Limits, above those of statewire's chart. Longer names are cut; anything beyond the other limits is ignored. */
const most = { depth: 8, paths: 64, name: 100 }

/** The paths of all active states, parents first. `[]` if the value is not a chart's. */
export function activePaths(value: unknown): string[] {
  const paths: string[] = []
  const add = (outer: string, name: string): string => {
    const path = outer + name.slice(0, most.name)
    if (paths.length < most.paths) paths.push(path)
    return path
  }
  const walk = (inner: unknown, outer: string, depth: number): void => {
    if (typeof inner === 'string') add(outer, inner)
    if (typeof inner !== 'object' || inner === null || depth > most.depth) return
    for (const [key, more] of Object.entries(inner)) {
      if (paths.length >= most.paths) return
      walk(more, `${add(outer, key)}.`, depth + 1)
    }
  }
  walk(value, '', 0)
  return paths
}

const isPhase = (key: string): key is Phase => (phases as readonly string[]).includes(key)

/** `undefined` if this is not a connection's chart. */
export function phaseOf(paths: readonly string[]): Phase | undefined {
  const key = paths.find((path) => path.startsWith('closed.') || path.startsWith('live.'))?.split('.')[1]
  if (key === undefined || !isPhase(key)) return undefined
  if (key !== 'open') return key
  const beat = paths.find((path) => path.startsWith('live.open.heartbeat.'))?.split('.')[3]
  return beat === undefined || beat === 'resting' ? 'open' : 'doubted'
}

/** The innermost states. */
export function leavesOf(paths: readonly string[]): string[] {
  return paths.filter((path) => !paths.some((other) => other.startsWith(`${path}.`)))
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1)

/** The transition in short: `resting → waiting`, `open → deciding`. `''` if the state did not change. */
export function move(before: readonly string[], after: readonly string[]): string {
  const left = leavesOf(before).filter((path) => !after.includes(path))
  const entered = leavesOf(after).filter((path) => !before.includes(path))
  if (left.length === 0 && entered.length === 0) return ''
  const name = (paths: readonly string[]): string => {
    const [path = '–'] = paths
    // Both regions at once: `open` as a whole.
    return paths.length > 1 ? 'open' : nameOf(path)
  }
  return `${name(left)} → ${name(entered)}`
}

/** `xstate.after.checkInterval.connection.live…` becomes `after checkInterval`. */
export function eventName(type: string): string {
  if (type === '' || type === 'xstate.init' || type === '@xstate.init') return 'observed from here'
  const timer = /^xstate\.after\.([^.]+)\./.exec(type)?.[1]
  return timer === undefined ? type : `after ${timer}`
}

export const kinds = ['command', 'socket', 'decision', 'timer', 'environment', 'report'] as const
export type Kind = (typeof kinds)[number]

export function kindOf(type: string): Kind {
  if (type.startsWith('socket.')) return 'socket'
  if (type.startsWith('policy.')) return 'decision'
  if (type.startsWith('environment.')) return 'environment'
  if (type.startsWith('xstate.after.')) return 'timer'
  return /^[A-Z]+$/.test(type) ? 'command' : 'report'
}
