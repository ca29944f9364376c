/**
 * What is mutated, and which tests are to notice, the fast ones first. The clock of all these tests is turned by hand.
 * What has tests of its own is left to them: that a whole connection would notice too is not counted. Left out are the
 * long walks (`test/connection/properties`, `throws` and `reentrancy`, `test/machine/paths`), so what only they would
 * notice counts as survived.
 */
export const rooms = {
  machines: [
    {
      // Of the table every fault is planted by test/engine/faults.test.ts; the definition is data of the chart's.
      mutate: ['machines/{connection.machine,connection.logic,host}.ts'],
      tests: ['test/machine/memory.test.ts', 'test/machine/invariants.test.ts', 'test/machine/table.test.ts'],
    },
  ],
  engine: [
    { mutate: ['src/core/engine/*.ts'], tests: ['test/engine/agreement.test.ts', 'test/inspect/attach.test.ts'] },
    { mutate: ['scripts/chart-compiler/*.ts'], tests: ['test/engine/compiler.test.ts'] },
  ],
  policies: [
    {
      mutate: ['src/policies/*.ts'],
      tests: [
        'test/policies/heartbeat.test.ts',
        'test/policies/hints.test.ts',
        'test/policies/backoff.test.ts',
        'test/policies/close-codes.test.ts',
        'test/policies/retry.test.ts',
        'test/policies/deadlines.test.ts',
      ],
    },
  ],
  data: [
    {
      mutate: ['src/data/{brake,inbox,link,listeners,queue}.ts'],
      tests: [
        'test/data/brake.test.ts',
        'test/data/inbox.test.ts',
        'test/data/link.test.ts',
        'test/data/listeners.test.ts',
        'test/data/queue.test.ts',
      ],
    },
    {
      mutate: ['src/data/{inbound,outbound}.ts'],
      tests: [
        'test/data/inbound.test.ts',
        'test/data/outbound.test.ts',
        'test/connection/sending.test.ts',
        'test/connection/receiving.test.ts',
        'test/connection/heartbeat.test.ts',
        'test/connection/preparing.test.ts',
      ],
    },
  ],
  control: [
    {
      mutate: ['src/control/!(control|status).ts'],
      tests: [
        'test/control/outbox.test.ts',
        'test/control/port.test.ts',
        'test/control/judge.test.ts',
        'test/control/drain.test.ts',
        'test/control/ending.test.ts',
        'test/control/pulse.test.ts',
        'test/control/timers.test.ts',
        'test/control/wake.test.ts',
        'test/control/world.test.ts',
        'test/control/attempt.test.ts',
      ],
    },
    {
      mutate: ['src/control/{control,status}.ts'],
      tests: [
        'test/connection/reconnecting.test.ts',
        'test/connection/heartbeat.test.ts',
        'test/connection/lifecycle.test.ts',
        'test/connection/preparing.test.ts',
        'test/connection/sending.test.ts',
        'test/connection/receiving.test.ts',
        'test/connection/stores.test.ts',
        'test/connection/status.test.ts',
        'test/connection/defects.test.ts',
        'test/inspect/attach.test.ts',
      ],
    },
  ],
}
