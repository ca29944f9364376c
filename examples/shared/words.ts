import type { ConnectionStatus } from 'statewire'

const reasons: Record<ConnectionStatus['why'], string> = {
  new: 'not opened yet',
  open: 'we asked for it',
  reconnect: 'we asked for a new socket',
  retry: 'a wait is over',
  online: 'the network is back',
  closed: 'the link was lost',
  'connect-timeout': 'the server did not answer in time',
  'heartbeat-timeout': 'the link is dead: no answer to a ping',
  offline: 'there is no network',
  stashed: 'the page was put aside',
  close: 'we closed it',
  'close-timeout': 'we closed it, unanswered',
  refused: 'no use in trying again',
  internal: 'an error in statewire itself',
}

/** What a user wants to know of a connection: what it is, why, and when it tries again. */
export function inWords({ state, why, attempt, retryAt, loss }: ConnectionStatus): string {
  const code = loss !== undefined && (why === 'closed' || why === 'refused') ? ` (${loss.close.code})` : ''
  const next = retryAt === undefined ? '' : `; try ${attempt} at ${new Date(retryAt).toLocaleTimeString()}`
  return `${state}: ${reasons[why]}${code}${next}`
}
