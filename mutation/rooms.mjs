/**
 * What is mutated, and which tests are to notice, the fast ones first. The clock of all these tests is turned by hand.
 * The long walks of `test/connection/properties.test.ts` and `test/machine/paths.test.ts` are left out: what only they
 * would notice counts as survived.
 */
const connection = [
  'test/connection/reconnecting.test.ts',
  'test/connection/heartbeat.test.ts',
  'test/connection/sending.test.ts',
  'test/connection/receiving.test.ts',
  'test/connection/lifecycle.test.ts',
  'test/connection/preparing.test.ts',
  'test/connection/defects.test.ts',
  'test/connection/stores.test.ts',
]

export const rooms = {
  machines: {
    mutate: ['machines/*.ts'],
    tests: ['test/machine/invariants.test.ts', 'test/machine/table.test.ts'],
  },
  policies: {
    mutate: ['src/policies/*.ts'],
    tests: [
      'test/policies/heartbeat.test.ts',
      'test/policies/hints.test.ts',
      'test/policies/backoff.test.ts',
      'test/policies/close-codes.test.ts',
      'test/policies/retry.test.ts',
      'test/policies/deadlines.test.ts',
      'test/options.test.ts',
    ],
  },
  data: {
    mutate: ['src/data/*.ts'],
    tests: [
      'test/data/brake.test.ts',
      'test/data/inbox.test.ts',
      'test/data/link.test.ts',
      'test/data/listeners.test.ts',
      ...connection,
      'test/data/queue.test.ts',
    ],
  },
  control: {
    mutate: ['src/control/*.ts'],
    tests: [
      'test/control/outbox.test.ts',
      'test/control/timers.test.ts',
      'test/control/wake.test.ts',
      'test/control/world.test.ts',
      'test/control/attempt.test.ts',
      'test/control/judge.test.ts',
      'test/inspect/attach.test.ts',
      ...connection,
    ],
  },
}
