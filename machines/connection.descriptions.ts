/**
 * What each state of the chart is, by its path. Beside the chart and not in it: who runs a connection need not load what only who
 * looks at one reads.
 */
export const stateDescriptions: Readonly<Record<string, string>> = {
  closed: 'No socket exists.',
  'closed.idle': 'Never opened, or not yet.',
  'closed.deciding': 'A loss is being judged outside the chart.',
  'closed.backoff': 'Waiting before the next attempt.',
  'closed.backoff.scheduled': 'The wait that the policy chose, or the server asked for.',
  'closed.backoff.hastened': 'The world changed for the better: a short wait that spreads a herd, once.',
  'closed.suspended': 'Held: no network, or the page is in the back/forward cache.',
  'closed.ended': 'Over: closed by the app, or refused by policy. OPEN starts anew.',
  live: 'One socket, or the attempt to get one. Leaving disposes of it, at once, always.',
  'live.connecting': 'One attempt, and one deadline over all of it.',
  'live.connecting.resolving': 'The URL provider is asked.',
  'live.connecting.handshaking': 'The opening handshake is under way.',
  'live.connecting.preparing': 'The prepare hook runs: authentication before the queue.',
  'live.open': 'Prepared: messages go straight through.',
  'live.open.heartbeat': 'Whether the link is still there.',
  'live.open.heartbeat.resting': 'Frames are counted, not watched.',
  'live.open.heartbeat.waiting': 'A ping is in flight.',
  'live.open.heartbeat.probing': 'A ping is in flight and the world has changed: never repeated, never extended.',
  'live.open.heartbeat.grace': 'The deadline has passed; an answer may be read before this turn of the loop is over.',
  'live.open.stability': 'Whether earlier failures may be forgotten.',
  'live.open.stability.settling': 'Opened is not yet healthy.',
  'live.open.stability.stable': 'It has lasted: earlier failures are forgotten.',
  'live.closing': 'Goodbye was said; the answer is awaited, and not for long.',
}
