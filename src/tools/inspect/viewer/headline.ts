import type { Watched } from './watched.js'
import { closeCodeWords, count, span, trip } from './words.js'

const errorWords: ReadonlyMap<string | undefined, string> = new Map([
  ['ERR_URL', 'the URL cannot be dialed'],
  ['ERR_PROVIDER', 'the URL function failed'],
  ['ERR_PREPARE', '`prepare` failed'],
  ['ERR_CONNECT_TIMEOUT', 'the attempt timed out'],
  ['ERR_TRANSPORT', 'the transport failed'],
  ['ERR_MISSING_PEER', 'a required package is not installed'],
  ['ERR_INTERNAL', 'statewire had an internal error'],
])

/** Why the last link or attempt ended. Without a `close` event, only what the chart shows. */
export function lossWords({ lost, patience }: Watched): string {
  const code = lost?.code
  const why = lost?.why
  if (lost?.error === 'ERR_HEARTBEAT_TIMEOUT' || why === 'heartbeat-timeout') {
    const within = patience === undefined ? 'in time' : `within ${span(patience)}`
    return `no reply to a ping came ${within} (${code ?? 4000})`
  }
  if (lost?.status !== undefined) return `the server refused the handshake with HTTP ${lost.status}`
  const known = errorWords.get(why === 'connect-timeout' ? 'ERR_CONNECT_TIMEOUT' : lost?.error)
  if (known !== undefined) return known
  if (code === undefined) return 'the link was lost'
  if (code === 1006) return 'the link closed without a close frame (1006)'
  return `it was closed with ${closeCodeWords(code)}`
}

export interface Headline {
  /** One or two words. */
  readonly what: string
  readonly why: string
  /** The part that changes with time. */
  readonly when: string
  /** For screen readers, which read it when it changes, so without running times. @default what and why */
  readonly spoken?: string
}

const attemptOf = ({ facts }: Watched): number => facts.failures + 1

function connectingWords(watched: Watched, now: number): Headline {
  const phase = watched.paths.at(-1)
  const doing =
    phase === 'live.connecting.resolving'
      ? 'getting the URL'
      : phase === 'live.connecting.handshaking'
        ? 'waiting for the handshake'
        : 'preparing the link'
  const because =
    watched.facts.why === 'reconnect'
      ? ', because the app called reconnect()'
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
  if (watched.beat === 'waiting') return { what: 'Open', why: 'ping reply pending', when: asks }
  if (watched.beat === 'probing')
    return {
      what: 'Open, in doubt',
      why: 'the network or the page changed, so a ping checks the link',
      when: asks,
    }
  if (watched.beat === 'grace')
    return { what: 'Open, in doubt', why: 'no reply in time; one last check before the link is dropped', when: asks }
  const health = isStable ? 'the link is stable' : 'not stable yet'
  const since = watched.facts.failures > 0 && !isStable ? `, after ${count(watched.facts.failures, 'failure')}` : ''
  return { what: 'Open', why: `${health}${since}`, when: lasted }
}

function endedWords(watched: Watched): string {
  const { why } = watched.facts
  const code = watched.lost?.code
  if (why === 'close') return `the app closed it${code === undefined || watched.lost === undefined ? '' : ` (${code})`}`
  if (why === 'close-timeout') return 'the app closed it; the server did not reply in time'
  if (why === 'refused') return `no reconnect, because ${lossWords(watched)}`
  return 'the connection has ended'
}

/** What the connection is doing, and why. */
export function headline(watched: Watched, now: number): Headline {
  const left = watched.waitEnds === undefined ? '' : span(watched.waitEnds - now)
  switch (watched.phase) {
    case 'idle':
      return { what: 'Idle', why: 'not opened yet', when: '' }
    case 'connecting':
      return connectingWords(watched, now)
    case 'open':
    case 'doubted':
      return openWords(watched, now)
    case 'closing':
      return { what: 'Closing', why: 'close frame sent, reply pending', when: span(now - watched.since) }
    case 'deciding':
      return { what: 'Lost', why: lossWords(watched), when: '' }
    case 'backoff': {
      const hint = watched.facts.hinted ? ', as the server asked' : ''
      const why = `because ${lossWords(watched)}`
      const attempt = `attempt ${attemptOf(watched)}`
      return {
        what: 'Backing off',
        why,
        when: `${attempt} in ${left}${hint}`,
        spoken: `Backing off before ${attempt}, ${why}`,
      }
    }
    case 'suspended': {
      const held = watched.facts.why === 'bfcached' ? 'the page is in the back/forward cache' : 'there is no network'
      return {
        what: 'Suspended',
        why: `${held}; it still tries again`,
        when: `attempt ${attemptOf(watched)} in ${left}`,
      }
    }
    case 'ended':
      return { what: 'Ended', why: endedWords(watched), when: '' }
  }
}

/** The headline for screen readers. */
export const spokenWords = ({ what, why, spoken = `${what}: ${why}` }: Headline): string => `${spoken}.`
