import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection, type Connection } from '../../src/index.js'
import { wsTransport } from '../../src/transports/ws.js'
import { seeded } from './random.js'
import type { Schedule } from './schedules.js'
import { Server } from './server.js'
import { bucketWidth } from './simulation.js'
import { quantile } from './summary.js'

export interface RealScenario {
  readonly clients: number
  /** From the kill to the start of the new process, whose startup comes on top. Milliseconds. */
  readonly outage: number
  readonly port: number
  readonly schedule: Schedule
}

/** Times in milliseconds since the new server started listening. */
export interface RealStorm {
  /** From the kill until the new server listened. */
  readonly away: number
  /** The most attempts the policy scheduled in 100 ms. */
  readonly due: number
  /** The most that reached the server in 100 ms: no more than one process can dial. */
  readonly arrived: number
  readonly p50: number
  readonly p99: number
}

/** All clients must be back within this time. Milliseconds. */
const patience = 90_000
/** How many dial at once during setup. */
const batch = 100

function peakOf(times: readonly number[], from: number): number {
  const counts = new Map<number, number>()
  for (const time of times) {
    const bucket = Math.floor((time - from) / bucketWidth)
    if (bucket >= 0) counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
  }
  return Math.max(0, ...counts.values())
}

async function connectAll(clients: number, dial: (index: number) => Connection): Promise<Connection[]> {
  const connections: Connection[] = []
  while (connections.length < clients) {
    const { length } = connections
    const next = Array.from({ length: Math.min(batch, clients - length) }, (_, index) => dial(length + index))
    connections.push(...next)
    await Promise.all(next.map((each) => each.opened()))
  }
  return connections
}

/** Connects all clients to a real server, kills it, restarts it, and waits until all are back. */
export async function realStorm({ clients, outage, port, schedule }: RealScenario): Promise<RealStorm> {
  const url = `ws://127.0.0.1:${port}/`
  const transport = wsTransport({ perMessageDeflate: false })
  let server = await Server.start(port)
  let connections: Connection[] = []
  try {
    connections = await connectAll(clients, (index) => {
      const trait = seeded(index + 1)()
      return createConnection(url, { transport, backoff: (input) => schedule.wait({ ...input, trait }) })
    })
    /** When each client's latest attempt was due. */
    const due = new Map<Connection, number>()
    const back: number[] = []
    const allBack = new Promise<void>((resolve) => {
      for (const connection of connections) {
        connection.on('backoff', ({ retryAt }) => due.set(connection, retryAt))
        connection.on('open', () => {
          if (back.push(Date.now()) === clients) resolve()
        })
      }
    })
    const killed = Date.now()
    await server.kill()
    await sleep(outage)
    server = await Server.start(port)
    const { since } = server
    await Promise.race([allBack, sleep(patience, undefined, { ref: false })])
    if (back.length < clients) {
      throw new Error(`${clients - back.length} of ${clients} clients were not back after ${patience / 1_000} s`)
    }
    const recoveries = back.map((time) => time - since).sort((a, b) => a - b)
    const { arrivals } = await server.report()
    return {
      away: since - killed,
      due: peakOf([...due.values()], since),
      arrived: peakOf(arrivals, since),
      p50: quantile(recoveries, 0.5),
      p99: quantile(recoveries, 0.99),
    }
  } finally {
    await Promise.all(connections.map((each) => each.close()))
    await server.kill()
  }
}
