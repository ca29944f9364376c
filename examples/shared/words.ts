import type { ConnectionStatus } from 'statewire'

const reasons: Record<ConnectionStatus['why'], string> = {
  new: 'not opened yet',
  open: 'the app opened it',
  reconnect: 'the app asked for a new socket',
  retry: 'trying again',
  online: 'the network is back',
  closed: 'the link was lost',
  'connect-timeout': 'the server did not answer in time',
  'heartbeat-timeout': 'the link is dead: no answer to a ping',
  offline: 'there is no network',
  bfcached: 'the page is in the back/forward cache',
  close: 'the app closed it',
  'close-timeout': 'the app closed it; the server did not answer',
  refused: 'retrying is pointless',
  internal: 'an error inside statewire',
}

/** What a user wants to know: the state, the reason, and when the next attempt starts. */
export function inWords({ state, why, attempt, retryAt, loss }: ConnectionStatus): string {
  const code = loss !== undefined && (why === 'closed' || why === 'refused') ? ` (${loss.close.code})` : ''
  const next = retryAt === undefined ? '' : `; try ${attempt} at ${new Date(retryAt).toLocaleTimeString()}`
  return `${state}: ${reasons[why]}${code}${next}`
}
