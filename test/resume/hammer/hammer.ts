import { setTimeout as sleep } from 'node:timers/promises'
import { fork } from '../../support/processes.js'
import { startRedis } from '../../support/servers.js'
import { seeded } from '../../storm/random.js'
import { AppDatabase } from './app-database.js'
import { Appender } from './appender.js'
import { tallyHandled, tallyReceived, type Tally } from './check.js'
import { Faults } from './faults.js'
import { HammerNode } from './nodes.js'
import type { DriverReport, DriverSettings, HammerSettings, LostReport } from './settings.js'
import { startStore } from './stores.js'

export interface HammerResult {
  readonly seconds: number
  readonly messages: number
  readonly up: Tally
  readonly down: Tally
  readonly faults: Readonly<Record<string, number>>
  /** Of the clients: resumes, replays, duplicates, lost sessions. */
  readonly clients: Readonly<Record<string, number>>
  readonly nodes: Readonly<Record<string, number>>
  readonly losses: readonly LostReport[]
  /** Why the run is no result; undefined if it came to its end. */
  readonly failure: string | undefined
}

export interface HammerProgress {
  readonly handled: number
  readonly received: number
  readonly messages: number
  readonly faults: number
}

type Result = Extract<DriverReport, { type: 'result' }>
const add = (to: Record<string, number>, from: Readonly<Record<string, number>>): void => {
  for (const [name, count] of Object.entries(from)) to[name] = (to[name] ?? 0) + count
}

/** Runs clients against three nodes under faults, until each message in each direction has arrived, and checks what became of them. */
export async function hammer(settings: HammerSettings, progress: (at: HammerProgress) => void): Promise<HammerResult> {
  const ends: (() => unknown)[] = []
  try {
    return await run(settings, progress, (end) => ends.push(end))
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

async function run(
  settings: HammerSettings,
  progress: (at: HammerProgress) => void,
  atEnd: (end: () => unknown) => void,
): Promise<HammerResult> {
  const { sessions, seed, effect, patience } = settings
  const random = seeded(seed)
  const each = Math.ceil(settings.messages / sessions)
  const databaseServer = await startRedis()
  atEnd(() => databaseServer.remove())
  const database = await AppDatabase.open(databaseServer.port)
  atEnd(() => database.close())
  const store = await startStore(settings)
  atEnd(() => store.close())
  const plan = { databasePort: databaseServer.port, effect, store: store.access }
  const indexes = settings.store === 'memory' ? [0] : [0, 1, 2]
  const nodes = await Promise.all(indexes.map((index) => HammerNode.start(index, plan, store.portFor(index))))
  atEnd(async () => void (await Promise.all(nodes.map((node) => node.stop()))))

  const ids = new Map<number, string>()
  const losses: LostReport[] = []
  const [acknowledged, received] = [zeros(sessions), zeros(sessions)]
  const appenders = acknowledged.map(() => new Appender(each, () => nodes[Math.floor(random() * nodes.length)]!))
  atEnd(() => appenders.forEach((appender) => (appender.isStopped = true)))
  let failure: string | undefined

  const hear = (first: number, report: Exclude<DriverReport, Result>): void => {
    if (report.type === 'begun') {
      ids.set(report.session, report.id)
      appenders[report.session]!.begun(report.id, report.received)
    } else if (report.type === 'lost') losses.push(report)
    else if (report.type === 'ended') failure ??= `the connection of session ${report.session} ended: ${report.why}`
    else {
      for (const [at, count] of report.acknowledged.entries()) acknowledged[first + at] = count
      for (const [at, count] of report.received.entries()) {
        received[first + at] = count
        appenders[first + at]!.received = count
      }
    }
  }
  const drivers = startDrivers(settings, each, nodes, hear, (why) => (failure ??= why))
  const faults = new Faults({ nodes, store, random, ids })
  const begun = performance.now()
  faults.start(settings.faults)

  const sum = (of: readonly number[]): number => of.reduce((total, count) => total + count, 0)
  let [last, since] = [0, performance.now()]
  while (failure === undefined) {
    const [handled, arrived] = [sum(acknowledged), sum(received)]
    if (handled + arrived !== last) [last, since] = [handled + arrived, performance.now()]
    progress({ handled, received: arrived, messages: each * sessions, faults: sum(Object.values(faults.counts)) })
    if (handled >= each * sessions && arrived >= each * sessions && appenders.every(({ isDone }) => isDone)) break
    if (performance.now() - since > patience) failure = `no progress for ${patience} ms`
    await sleep(250)
  }
  const seconds = (performance.now() - begun) / 1_000
  await faults.stop()
  const results = await Promise.all(drivers.map((driver) => driver.finish()))
  if (results.includes(undefined)) failure ??= 'a driver has sent no result'
  const [up, down] = [nothing(), nothing()]
  for (let session = 0; session < sessions; session++) {
    const own = losses.filter((loss) => loss.session === session)
    add2(up, tallyHandled(await database.effects(`c${session}`), each, own))
    const sequence = results.flatMap((result) => result?.received ?? [])[session] ?? new Int32Array()
    add2(down, tallyReceived(sequence, appenders[session]!.appended, each, own))
  }
  const clients: Record<string, number> = {}
  for (const result of results) add(clients, result?.counters ?? {})
  const counts: Record<string, number> = {}
  for (const node of nodes) {
    await node.stop()
    add(counts, node.counts)
  }
  return {
    seconds,
    messages: each * sessions,
    up,
    down,
    faults: faults.counts,
    clients,
    nodes: counts,
    losses,
    failure,
  }
}

const zeros = (length: number): number[] => Array.from({ length }, () => 0)
const nothing = (): Tally => ({ lost: 0, doubled: 0, reordered: 0 })
const add2 = (to: Tally, from: Tally): void => add(to as unknown as Record<string, number>, { ...from })

function startDrivers(
  { sessions, drivers, seed, faults }: HammerSettings,
  messages: number,
  nodes: readonly HammerNode[],
  hear: (first: number, report: Exclude<DriverReport, Result>) => void,
  fail: (why: string) => void,
): { finish(): Promise<Result | undefined> }[] {
  const share = Math.ceil(sessions / drivers)
  return Array.from({ length: Math.ceil(sessions / share) }, (_, at) => {
    const first = at * share
    const settings: DriverSettings = {
      ports: nodes.map(({ front }) => front.port),
      first,
      sessions: Math.min(share, sessions - first),
      messages,
      seed,
      resend: faults.includes('promote-replica'),
    }
    const child = fork(`${import.meta.dirname}/driver-process.ts`, [JSON.stringify(settings)], {
      execArgv: ['--import', 'tsx'],
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    let finished: ((result: Result | undefined) => void) | undefined
    child.on('message', (report: DriverReport) => {
      if (report.type === 'result') finished?.(report)
      else hear(first, report)
    })
    child.on('exit', (code) => {
      if (finished === undefined) fail(`a driver exited with ${code}`)
      finished?.(undefined)
    })
    return {
      finish: () =>
        new Promise((resolve) => {
          finished = resolve
          if (child.connected) child.send('finish')
          else resolve(undefined)
        }),
    }
  })
}
