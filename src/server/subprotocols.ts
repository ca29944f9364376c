import type { IncomingMessage } from 'node:http'
import { protocolName } from '../resume/protocol.js'

type Select = (offered: Set<string>, request: IncomingMessage) => string | false

/**
 * Selects `resume.v1`, with the app's subprotocol if there is one. `own`: the app's selection, which sees only its own names.
 *
 * Use it as `handleProtocols` of a `ws` server with `noServer`; `sessionServer` sets it on a server that you pass.
 */
export function selectProtocol(offered: Set<string>, request: IncomingMessage, own?: Select): string | false {
  const prefix = `${protocolName}.`
  const resumable = [...offered].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
  if (resumable.length > 0) {
    const chosen = own === undefined ? resumable[0]! : own(new Set(resumable), request)
    if (chosen !== false) return prefix + chosen
  }
  if (offered.has(protocolName)) return protocolName
  if (own !== undefined) return own(offered, request)
  // As `ws` does without a selection.
  return offered.values().next().value ?? false
}
