import { grouped, markdown } from '../storm/table.js'
import type { Figures } from './lane.types.js'
import type { Over } from './settings.js'
import type { Outcome, SoakOptions } from './soak.js'

const names: Record<Over, string> = { ws: '`wsTransport()`', global: 'the global WebSocket' }

const rows: readonly (readonly [title: string, of: keyof Figures])[] = [
  ['reconnects', 'reconnects'],
  ['dials', 'dials'],
  ['messages accepted', 'accepted'],
  ['of them queued', 'queued'],
  ['dropped, and reported', 'dropped'],
  ['received', 'received'],
  ['lost', 'lost'],
  ['reported as `uncertain`', 'uncertain'],
  ['messages received from the server', 'heard'],
]

const kB = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`

export function summary(
  { lanes, before, after, samples, drift, duration }: Outcome,
  { seed, reconnects, warmUp, bound }: Pick<SoakOptions, 'seed' | 'reconnects' | 'warmUp' | 'bound'>,
): string {
  const table = markdown(
    ['', ...lanes.map(({ over }) => names[over])],
    rows.map(([title, of]) => [title, ...lanes.map(({ figures }) => grouped(figures[of]))]),
  )
  const total = lanes.reduce((sum, { figures }) => sum + figures.reconnects, 0)
  const left = markdown(
    ['', 'before', 'after', 'limit'],
    [
      ['heap', kB(before.heap), kB(after.heap), `+${kB(bound)}`],
      ['heap during the run, by the fit', '', `${drift < 0 ? '' : '+'}${kB(drift)}`, `+${kB(bound)}`],
      ['per reconnect', '', `${(drift / reconnects).toFixed(1)} B`, ''],
      ['handles', before.resources, after.resources, 'as before'],
      ['listeners of `process`', `${before.listeners}`, `${after.listeners}`, 'as before'],
      ['links not collected', '', '0', '0'],
    ],
  )
  const rate = `${grouped(total)} reconnects in ${(duration / 1_000).toFixed(0)} s, ${(total / (duration / 1_000)).toFixed(0)} per second`
  return `${rate}; seed ${seed}, after ${grouped(warmUp)} to warm up, ${samples.length} samples of the heap\n\n${table}\n\n${left}`
}
