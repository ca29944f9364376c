import { setImmediate as turn } from 'node:timers/promises'
import { createConnection, type ConnectionOptions } from '../../src/index.js'
import { FakeTransport, TestClock } from '../../src/tools/testing/index.js'
import { ReconnectingWebSocket } from '../../src/websocket/index.js'

export const kinds = [
  "overflow: 'reject'",
  "overflow: 'drop-newest'",
  "overflow: 'drop-oldest'",
  'ReconnectingWebSocket',
] as const
export type Kind = (typeof kinds)[number]

/** Microseconds of processor time per message. */
export interface Cost {
  readonly accepted: number
  readonly refused: number
}

const count = 10_000
const bound = 10
const text = 'x'.repeat(100)
const url = 'ws://server.test/'
const seams = (): Pick<ConnectionOptions, 'transport' | 'clock'> => ({
  transport: new FakeTransport(),
  clock: new TestClock(),
})

/** Sends all messages, accepted or not; resolves when all effects have happened. */
async function cost(send: () => void): Promise<number> {
  const before = process.cpuUsage()
  for (let sent = 0; sent < count; sent++) send()
  await turn()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

async function costOf(kind: Kind, messages: number): Promise<number> {
  if (kind === 'ReconnectingWebSocket') {
    const ws = new ReconnectingWebSocket(url, [], { ...seams(), maxEnqueuedMessages: messages })
    ws.addEventListener('error', ({ message }) => message)
    try {
      return await cost(() => ws.send(text))
    } finally {
      ws.close()
    }
  }
  const overflow = /'(.*)'/.exec(kind)![1] as 'reject'
  const connection = createConnection(url, { ...seams(), queue: { messages, bytes: Infinity, overflow } })
  try {
    return await cost(() => {
      try {
        connection.send(text)
      } catch {
        // Rejected.
      }
    })
  } finally {
    void connection.close()
  }
}

const median = (numbers: number[]): number => numbers.toSorted((one, other) => one - other)[numbers.length >> 1]!

/** Alternating, so that other load on the machine affects all alike. */
export async function costs(rounds: number): Promise<Record<Kind, Cost>> {
  const accepted = new Map<Kind, number[]>()
  const refused = new Map<Kind, number[]>()
  for (let round = -2; round < rounds; round++) {
    for (const kind of kinds) {
      const pair = [await costOf(kind, Infinity), await costOf(kind, bound)] as const
      // Warm-up.
      if (round < 0) continue
      accepted.set(kind, [...(accepted.get(kind) ?? []), pair[0]])
      refused.set(kind, [...(refused.get(kind) ?? []), pair[1]])
    }
  }
  const both = (kind: Kind): Cost => ({ accepted: median(accepted.get(kind)!), refused: median(refused.get(kind)!) })
  return Object.fromEntries(kinds.map((kind) => [kind, both(kind)])) as Record<Kind, Cost>
}
