import type { SocketLink } from './link.js'
import type { ServerNode } from './node.js'
import type { Payload } from './stores/store.js'

/** Counts a message that a hello has asked for: a small one can ask for a whole outbox or topic. Closes the link if they are too many. */
export function mayReplay(node: ServerNode, principal: string, link: SocketLink, data: Payload): boolean {
  if (node.limits.replay(principal, data.length)) return true
  node.metric({ type: 'refused', code: 1013 })
  link.close(1013, 'too many bytes replayed, retry-after=60')
  return false
}
