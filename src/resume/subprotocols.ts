import { protocolName } from './protocol.js'

/** The subprotocols to offer. Those without a session stand first: a server that ignores what it doesn't know selects the first. */
export function offerSession(offered: readonly string[], required: boolean): readonly string[] {
  if (offered.length === 0) return [protocolName]
  const framed = offered.map((each) => `${protocolName}.${each}`)
  return required ? framed : [...offered, ...framed]
}

/** The app's part of a selected subprotocol; `undefined` if it has no session. */
export function withoutSession(selected: string): string | undefined {
  if (selected === protocolName) return ''
  return selected.startsWith(`${protocolName}.`) ? selected.slice(protocolName.length + 1) : undefined
}
