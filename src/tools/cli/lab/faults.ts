import { faults, type FaultServer } from '../../testing/index.js'

/** A fault that the lab can inject. Keys, buttons and the tour all use this list. */
export interface LabFault {
  readonly name: string
  /** The key that injects it. */
  readonly key: string
  /** What it does, in one line. Shown before it is injected. */
  readonly effect: string
  /** How long it lasts unless it is healed. */
  readonly lasts: 'a moment' | 'as long as the link' | 'until healed'
  apply(server: FaultServer): void | Promise<void>
  heal(server: FaultServer): void | Promise<void>
}

/** What `heal` does, in one line. */
export const healing = { name: 'heal', key: 'o', effect: 'clear the fault' } as const

/** `Retry-After` of a refused handshake. Seconds. */
export const retryAfter = 2

/** Delay in each direction. Milliseconds. The round trip is longer than the heartbeat's timeout. */
export const slowness = 700

const blackHole: LabFault = {
  name: 'black hole',
  key: 'b',
  effect: 'drop all traffic on this link',
  lasts: 'as long as the link',
  apply: (server) => server.swallow('both'),
  heal: (server) => server.heal(),
}

const partition: LabFault = {
  name: 'partition',
  key: 'p',
  effect: 'drop all traffic, on new links too',
  lasts: 'until healed',
  apply: (server) => server.partition(),
  heal: (server) => server.heal(),
}

const reset: LabFault = {
  name: 'reset',
  key: 'r',
  effect: 'reset the TCP connection',
  lasts: 'a moment',
  apply: (server) => server.reset(),
  heal() {},
}

const refuse: LabFault = {
  name: 'refuse',
  key: 'f',
  effect: `reset, then answer 503, Retry-After: ${retryAfter}`,
  lasts: 'until healed',
  apply(server) {
    server.use(faults.http(503, { headers: { 'retry-after': String(retryAfter) } }))
    server.reset()
  },
  heal: (server) => server.clearRules(),
}

const hang: LabFault = {
  name: 'hang',
  key: 'h',
  effect: 'reset, then answer no handshake',
  lasts: 'until healed',
  apply(server) {
    server.use(faults.hang())
    server.reset()
  },
  heal: (server) => server.clearRules(),
}

const flap: LabFault = {
  name: 'flap',
  key: 'l',
  effect: 'accept, close with 1012, repeat',
  lasts: 'until healed',
  apply(server) {
    server.use(faults.acceptThenClose(1012, 'restart', { after: 100 }))
    server.closeLinks(1012, 'restart')
  },
  heal: (server) => server.clearRules(),
}

const slow: LabFault = {
  name: 'slow',
  key: 's',
  effect: `delay all bytes ${slowness} ms each way`,
  lasts: 'until healed',
  apply(server) {
    server.use(faults.delay(slowness))
    server.delay(slowness)
  },
  heal(server) {
    server.clearRules()
    server.heal()
  },
}

const kill: LabFault = {
  name: 'kill',
  key: 'k',
  effect: 'stop the server without a close frame',
  lasts: 'until healed',
  async apply(server) {
    await server.stopListening()
    server.cut()
  },
  heal: (server) => server.listenAgain(),
}

export const labFaults = { blackHole, partition, reset, refuse, hang, flap, slow, kill } as const

export const faultList: readonly LabFault[] = Object.values(labFaults)
