import { parseArgs } from 'node:util'
import { randomInt } from 'node:crypto'
import { whole } from '../../../bench/shared/command.js'
import { hammer, type HammerResult } from './hammer.js'
import { faultNames, type FaultName, type HammerSettings } from './settings.js'

const usage = `Sends messages in both directions through three server processes under faults, and checks that none is lost, doubled or reordered.

Usage: npm run hammer -- [options]

  --store NAME    memory (one node), redis or jetstream (default redis); the servers are started
  --effect NAME   tx: the app commits effects with their numbers; handler: at least once (default tx)
  --messages N    in each direction (default 50000)
  --sessions N    (default 20)
  --drivers N     processes with clients (default 2)
  --seed N        of what is chosen at random (default: random; it is printed)
  --faults LIST   ${faultNames.join(', ')} (default links,rogue,kill; links with --store memory)
  --patience N    seconds without progress until the run has failed (default 60)`

const options = {
  store: { type: 'string', default: 'redis' },
  effect: { type: 'string', default: 'tx' },
  messages: { type: 'string', default: '50000' },
  sessions: { type: 'string', default: '20' },
  drivers: { type: 'string', default: '2' },
  seed: { type: 'string' },
  faults: { type: 'string' },
  patience: { type: 'string', default: '60' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

function oneOf<T extends string>(name: string, value: string, names: readonly T[]): T {
  if ((names as readonly string[]).includes(value)) return value as T
  throw new RangeError(`--${name} ${value} must be one of: ${names.join(', ')}`)
}

/** What each store can't do. */
const impossible: Record<HammerSettings['store'], readonly FaultName[]> = {
  memory: ['kill', 'cut-store', 'restart-store', 'promote-replica', 'step-down'],
  redis: ['step-down'],
  jetstream: ['promote-replica'],
}

function settingsOf(values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values']): HammerSettings {
  const store = oneOf('store', values.store, ['memory', 'redis', 'jetstream'])
  const usual = store === 'memory' ? 'links' : 'links,rogue,kill'
  const faults = (values.faults ?? usual)
    .split(',')
    .filter(Boolean)
    .map((name) => oneOf('faults', name, faultNames))
  for (const name of faults)
    if (impossible[store].includes(name)) throw new RangeError(`--faults ${name} is impossible with --store ${store}`)
  return {
    store,
    effect: oneOf('effect', values.effect, ['tx', 'handler']),
    messages: whole('messages', values.messages, 1, 100_000_000),
    sessions: whole('sessions', values.sessions, 1, 10_000),
    drivers: whole('drivers', values.drivers, 1, 64),
    seed: whole('seed', values.seed ?? String(randomInt(2 ** 31)), 0, 2 ** 31),
    faults,
    patience: whole('patience', values.patience, 1, 3_600) * 1_000,
  }
}

function list(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).filter(([, count]) => count > 0)
  return entries.map(([name, count]) => `${name} ${count}`).join(', ') || 'none'
}

function table({ up, down, seconds, messages, ...result }: HammerResult): string {
  const row = (name: string, { lost, doubled, reordered }: typeof up): string =>
    `${name.padEnd(18)}${String(lost).padStart(8)}${String(doubled).padStart(10)}${String(reordered).padStart(11)}`
  return [
    `${messages} messages each way in ${Math.round(seconds)} s`,
    `${''.padEnd(18)}    lost   doubled  reordered`,
    row('client to server', up),
    row('server to client', down),
    `faults:  ${list(result.faults)}`,
    `clients: ${list(result.clients)}`,
    `nodes:   ${list(result.nodes)}`,
    ...result.losses
      .slice(0, 20)
      .map(
        ({ session, reason, delivered, undelivered, uncertain }) =>
          `session ${session} lost (${reason}): ${delivered} delivered, ${undelivered.length} undelivered, ${uncertain.length} uncertain`,
      ),
    ...(result.failure === undefined ? [] : [`FAILED: ${result.failure}`]),
  ].join('\n')
}

async function run(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return console.log(usage)
  const settings = settingsOf(values)
  const { store, effect, messages, sessions, seed, faults } = settings
  console.log(
    `store ${store}, effect ${effect}, ${messages} messages, ${sessions} sessions, faults ${faults.join(' ')}, seed ${seed}`,
  )
  const begun = performance.now()
  let told = 0
  const result = await hammer(settings, (at) => {
    const now = performance.now()
    if (now - told < 5_000) return
    told = now
    const time = `${Math.round((now - begun) / 1_000)} s`.padStart(6)
    console.log(`${time}  handled ${at.handled}, received ${at.received} of ${at.messages}, ${at.faults} faults`)
  })
  console.log(table(result))
  const { up, down, losses } = result
  const isBad =
    result.failure !== undefined ||
    up.lost + up.reordered + down.lost + down.doubled + down.reordered > 0 ||
    (effect === 'tx' && up.doubled > 0) ||
    (losses.length > 0 && !faults.includes('promote-replica'))
  console.log(isBad ? `seed ${seed}: NOT AS PROMISED` : 'as promised')
  process.exitCode = isBad ? 1 : 0
}

await run()
process.exit()
