import { closeCodeWords, count, span, trip } from './format.js'
import type { Watched } from './watched.js'

// What is going on, in sentences.

const errorWords: ReadonlyMap<string | undefined, string> = new Map([
  ['ERR_URL', 'the URL cannot be dialled'],
  ['ERR_PROVIDER', 'the URL could not be had'],
  ['ERR_PREPARE', 'preparing the link failed'],
  ['ERR_CONNECT_TIMEOUT', 'the attempt took longer than its deadline'],
  ['ERR_TRANSPORT', 'the transport failed'],
  ['ERR_MISSING_PEER', 'a package that it needs is not installed'],
  ['ERR_INTERNAL', 'statewire itself failed'],
])

/** Why the last link or attempt is over: as the chart says it, more exactly where more was told. */
export function lossWords({ lost, patience }: Watched): string {
  const code = lost?.code
  const why = lost?.why
  if (lost?.error === 'ERR_HEARTBEAT_TIMEOUT' || why === 'heartbeat-timeout') {
    const within = patience === undefined ? 'in time' : `within ${span(patience)}`
    return `no answer to a ping came ${within} (${code ?? 4000})`
  }
  if (lost?.status !== undefined) return `the server refused the handshake with HTTP ${lost.status}`
  const known = errorWords.get(why === 'connect-timeout' ? 'ERR_CONNECT_TIMEOUT' : lost?.error)
  if (known !== undefined) return known
  if (code === undefined) return 'the link was lost'
  if (code === 1006) return 'the link broke without a goodbye (1006)'
  return `it was closed with ${closeCodeWords(code)}`
}

export interface Headline {
  /** One or two words. */
  readonly what: string
  readonly why: string
  /** What changes with the time. */
  readonly when: string
  /** Read aloud when it changes, so without times that run. @default what and why */
  readonly spoken?: string
}

const attemptOf = ({ facts }: Watched): number => facts.failures + 1

function connectingWords(watched: Watched, now: number): Headline {
  const phase = watched.paths.at(-1)
  const doing =
    phase === 'live.connecting.resolving'
      ? 'asking for the URL'
      : phase === 'live.connecting.handshaking'
        ? 'the handshake is under way'
        : 'preparing the link, before anything is sent'
  const because =
    watched.facts.why === 'reconnect'
      ? ', because the app asked for a new socket'
      : watched.lost === undefined
        ? ''
        : `, after ${lossWords(watched)}`
  return {
    what: 'Connecting',
    why: `attempt ${attemptOf(watched)}, ${doing}${because}`,
    when: span(now - watched.since),
  }
}

function openWords(watched: Watched, now: number): Headline {
  const isStable = watched.paths.includes('live.open.stability.stable')
  const { last } = watched.trips
  const answered = last === undefined ? '' : `, last round trip ${trip(last.rtt)}`
  const lasted = `for ${span(now - watched.openSince)}${answered}`
  const asks = watched.pingAt === undefined ? '' : `${span(now - watched.pingAt)} so far`
  if (watched.beat === 'waiting') return { what: 'Open', why: 'a ping is out, and its answer is awaited', when: asks }
  if (watched.beat === 'probing')
    return {
      what: 'Open, in doubt',
      why: 'the world has changed, so a ping asks whether the link is still there',
      when: asks,
    }
  if (watched.beat === 'grace')
    return { what: 'Open, in doubt', why: 'no answer in time; one last look before the link is given up', when: asks }
  const health = isStable ? 'the link is stable' : 'not yet for so long that it counts as stable'
  const since = watched.facts.failures > 0 && !isStable ? `, ${count(watched.facts.failures, 'failure')} before it` : ''
  return { what: 'Open', why: `${health}${since}`, when: lasted }
}

function endedWords(watched: Watched): string {
  const { why } = watched.facts
  const code = watched.lost?.code
  if (why === 'close') return `the app closed it${code === undefined || watched.lost === undefined ? '' : ` (${code})`}`
  if (why === 'close-timeout') return 'the app closed it, and the server did not answer in time'
  if (why === 'refused') return `no further attempt, because ${lossWords(watched)}`
  return 'it is over'
}

/** What it does and why: to be understood in ten seconds. */
export function headline(watched: Watched, now: number): Headline {
  const left = watched.waitEnds === undefined ? '' : span(watched.waitEnds - now)
  switch (watched.phase) {
    case 'idle':
      return { what: 'Idle', why: 'nobody has opened it yet', when: '' }
    case 'connecting':
      return connectingWords(watched, now)
    case 'open':
    case 'doubted':
      return openWords(watched, now)
    case 'closing':
      return { what: 'Closing', why: 'goodbye was said, and the answer is awaited', when: span(now - watched.since) }
    case 'deciding':
      return { what: 'Lost', why: lossWords(watched), when: '' }
    case 'backoff': {
      const hint = watched.facts.hinted ? ', when the server asked for it,' : ''
      const why = `because ${lossWords(watched)}`
      const attempt = `attempt ${attemptOf(watched)}`
      return {
        what: 'Backing off',
        why,
        when: `${attempt}${hint} in ${left}`,
        spoken: `Backing off, ${attempt} to come, ${why}`,
      }
    }
    case 'suspended': {
      const held = watched.facts.why === 'bfcached' ? 'the page is in the back/forward cache' : 'there is no network'
      return { what: 'Suspended', why: `${held}; it will try all the same`, when: `in ${left}` }
    }
    case 'ended':
      return { what: 'Ended', why: endedWords(watched), when: '' }
  }
}

/** For whoever listens. */
export const spokenWords = ({ what, why, spoken = `${what}: ${why}` }: Headline): string => `${spoken}.`
