import { faults, type FaultServer } from '../../testing/index.js'

/** Something that can go wrong. The keys and the tour both take theirs from here. */
export interface LabFault {
  readonly name: string
  /** The letter to press. */
  readonly key: string
  /** What it does, in one line. */
  readonly effect: string
  /** How long it lasts if nobody heals it. */
  readonly lasts: 'a moment' | 'as long as the link' | 'until healed'
  apply(server: FaultServer): void | Promise<void>
  heal(server: FaultServer): void | Promise<void>
}

/** Seconds that a refused client is asked to wait. */
export const retryAfter = 2

/** Milliseconds, each way: the round trip is then longer than the heartbeat waits for an answer. */
export const slowness = 700

const blackHole: LabFault = {
  name: 'black hole',
  key: 'b',
  effect: 'nothing passes on this link any more, either way, and nobody is told',
  lasts: 'as long as the link',
  apply: (server) => server.swallow('both'),
  heal: (server) => server.heal(),
}

const partition: LabFault = {
  name: 'partition',
  key: 'p',
  effect: 'a black hole for every link, also those to come',
  lasts: 'until healed',
  apply: (server) => server.partition(),
  heal: (server) => server.heal(),
}

const reset: LabFault = {
  name: 'reset',
  key: 'r',
  effect: 'the TCP connection is reset',
  lasts: 'a moment',
  apply: (server) => server.reset(),
  heal() {},
}

const refuse: LabFault = {
  name: 'refuse',
  key: 'f',
  effect: `reset, then every handshake is answered 503, Retry-After: ${retryAfter}`,
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
  effect: 'reset, then no handshake is answered',
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
  effect: 'the server accepts, then closes with 1012, again and again',
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
  effect: `every byte takes ${slowness} ms, each way`,
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
  effect: 'the server process is gone: no goodbye, and nobody listens on the port',
  lasts: 'until healed',
  async apply(server) {
    await server.stopListening()
    server.cut()
  },
  heal: (server) => server.listenAgain(),
}

export const labFaults = { blackHole, partition, reset, refuse, hang, flap, slow, kill } as const

export const faultList: readonly LabFault[] = Object.values(labFaults)
