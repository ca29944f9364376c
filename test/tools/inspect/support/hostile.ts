// Random messages that no statewire application would send, reproducible for a seed.
import fc from 'fast-check'

/** Nested arrays or objects as JSON, built by hand because JSON.stringify cannot go so deep. */
export const deepArrays = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
export const deepObjects = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)

/** The same as a value. */
export function nested(depth: number): unknown {
  let value: unknown = []
  for (let level = 1; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

export const chart = '{"id":"connection","states":{"closed":{},"live":{}}}'

export const types = [
  '@xstate.actor',
  '@xstate.event',
  '@xstate.snapshot',
  '@statewire.figures',
  '@statewire.occurrence',
  '@statewire.gone',
] as const

/** Names that every object inherits, and texts that cause trouble elsewhere. */
export const awkwardTexts = [
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '',
  '.',
  'a.b.c',
  '\ud800',
  '\u202egnp.exe',
  '\u0000',
  '<img src=x onerror=alert(1)>',
  'x'.repeat(5_000),
  'NaN',
  '1e999',
] as const

export const awkwardTimes = [
  '1700000000000000000',
  '1700000000000000',
  1.7e18,
  8.64e15 + 1,
  -1,
  '-1',
  '',
  'soon',
  '2030-01-01T00:00:00Z',
  'Infinity',
  'NaN',
  '1e400',
  null,
  true,
  [],
  {},
  `${'0'.repeat(1_000)}1`,
] as const

const text = fc.oneof(fc.constantFrom(...awkwardTexts), fc.string())
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(NaN, Infinity, -Infinity, -0, 1e308, 1.5, -1, 2 ** 53),
)
const anything = fc.oneof(
  text,
  number,
  fc.anything({ key: text, maxDepth: 3, withNullPrototype: true }),
  fc.constantFrom(50, 101, 1_000).map(nested),
)
const fields = (...names: string[]): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(Object.fromEntries(names.map((name) => [name, anything])), { requiredKeys: [] })

const statePath = fc.constantFrom<unknown>(
  { closed: 'idle' },
  { closed: { backoff: 'scheduled' } },
  { closed: 'ended' },
  { closed: 'deciding' },
  { live: { connecting: 'handshaking' } },
  { live: { open: { heartbeat: 'resting', stability: 'settling' } } },
  { live: { open: { heartbeat: 'grace', stability: 'constructor' } } },
  { constructor: 'x', closed: 'idle' },
  { '': '__proto__', closed: 'idle' },
)

/** One message, with one of few ids or any other value. */
export const hostileMessage = fc.record(
  {
    type: fc.oneof({ weight: 9, arbitrary: fc.constantFrom<string>(...types) }, { weight: 1, arbitrary: text }),
    sessionId: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 0, max: 20 }).map((id) => `x:${id}`) },
      { weight: 1, arbitrary: anything },
    ),
    rootId: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 20 }).map((id) => `x:${id}`) }, anything),
    parentId: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, anything),
    createdAt: fc.oneof(
      fc.constantFrom<unknown>(...awkwardTimes),
      fc.integer({ min: 0, max: 2 ** 41 }).map(String),
      anything,
    ),
    name: anything,
    definition: fc.oneof({ weight: 3, arbitrary: fc.constant(chart) }, anything),
    event: fc.oneof(fields('type', 'code', 'delay', 'hinted'), anything),
    snapshot: fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          value: statePath,
          context: fc.oneof(fields('why', 'failures', 'hinted', 'wait'), anything),
        }),
      },
      anything,
    ),
    figures: fc.oneof(fields('sent', 'received', 'queued', 'retryAt', 'delay', 'dropped'), anything),
    occurrence: fc.oneof(
      fc.record({
        kind: fc.constantFrom<unknown>('open', 'close', 'backoff', 'heartbeat', 'dropped', 'error', 'constructor'),
        code: anything,
        error: anything,
        reason: anything,
        rtt: anything,
        delay: anything,
        status: anything,
        retryAt: anything,
        uncertain: anything,
        willRetry: anything,
        messages: anything,
      }),
      anything,
    ),
  },
  { requiredKeys: ['type', 'sessionId'] },
)
