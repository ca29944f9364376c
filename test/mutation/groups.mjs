/**
 * The mutated files and the tests that must detect the mutants, the fast ones first. The test controls the clock in all
 * of them. If a part has its own tests, only those run: detection by a test of a whole connection does not count. The
 * long random tests (`test/connection/properties`, `throws` and `reentrancy`, `test/machine/paths`) are excluded, so
 * mutants that only they would detect count as survived.
 */
export const groups = {
  machines: [
    {
      // test/core/engine/faults.test.ts covers every fault of the table; the definition is the chart's data.
      mutate: ['machines/{connection.machine,connection.logic,host}.ts'],
      tests: ['test/machine/memory.test.ts', 'test/machine/invariants.test.ts', 'test/machine/table.test.ts'],
    },
  ],
  engine: [
    {
      mutate: ['src/core/engine/*.ts'],
      tests: [
        'test/core/engine/inspection.test.ts',
        'test/core/engine/compiled.test.ts',
        'test/core/engine/default.test.ts',
        'test/core/engine/agreement.test.ts',
      ],
    },
    { mutate: ['scripts/chart/compiler/*.ts'], tests: ['test/core/engine/compiler.test.ts'] },
  ],
  core: [
    {
      mutate: ['src/core/{task-queue,chart-host,ending,lists,listeners,time/*}.ts'],
      tests: [
        'test/core/task-queue.test.ts',
        'test/core/time/timers.test.ts',
        'test/core/chart-host.test.ts',
        'test/core/ending.test.ts',
        'test/core/lists.test.ts',
        'test/core/time/guarded-clock.test.ts',
        'test/core/time/clock.test.ts',
        'test/core/listeners.test.ts',
      ],
    },
    {
      mutate: ['src/core/environment/*.ts'],
      tests: ['test/core/environment/wake.test.ts', 'test/core/environment/watcher.test.ts'],
    },
    {
      mutate: ['src/core/{status,queue,face,events,featured}.ts'],
      tests: [
        'test/core/status.test.ts',
        'test/core/queue.test.ts',
        'test/core/face.test.ts',
        'test/core/events.test.ts',
        'test/core/featured.test.ts',
        'test/core/moments.test.ts',
      ],
    },
    {
      mutate: ['src/core/{attempt,outgoing,retrying}.ts'],
      tests: [
        'test/core/attempt.test.ts',
        'test/core/targets.test.ts',
        'test/core/heartbeat.test.ts',
        'test/core/receiving.test.ts',
        'test/core/retrying.test.ts',
        'test/core/moments.test.ts',
        'test/core/outgoing.test.ts',
      ],
    },
    {
      mutate: ['src/core/core.ts'],
      tests: [
        'test/core/core.test.ts',
        'test/core/moments.test.ts',
        'test/core/attempt.test.ts',
        'test/core/heartbeat.test.ts',
        'test/core/receiving.test.ts',
        'test/core/retrying.test.ts',
        'test/core/ending.test.ts',
        'test/core/outgoing.test.ts',
        'test/connection/status.test.ts',
        'test/connection/lifecycle.test.ts',
        'test/connection/reconnecting.test.ts',
        'test/connection/preparing.test.ts',
        'test/connection/sending.test.ts',
        'test/connection/receiving.test.ts',
        'test/connection/stores.test.ts',
        'test/connection/defects.test.ts',
      ],
    },
  ],
  features: [
    {
      mutate: ['src/core/features/{reader,send-queue,preparing-link,guarded-controller,patience}.ts'],
      tests: [
        'test/core/features/patience.test.ts',
        'test/core/features/preparing-link.test.ts',
        'test/core/features/guarded-controller.test.ts',
        'test/core/features/reader.test.ts',
        'test/core/features/send-queue.test.ts',
      ],
    },
    {
      mutate: [
        'src/core/features/!(reader|send-queue|preparing-link|guarded-controller|patience|whatwg-streams|inspection|zones).ts',
      ],
      tests: [
        'test/core/moments.test.ts',
        'test/core/features/lifecycle.test.ts',
        'test/core/features/backpressure.test.ts',
        'test/core/features/readers.test.ts',
        'test/core/receiving.test.ts',
        'test/core/retrying.test.ts',
        'test/core/outgoing.test.ts',
        'test/core/features/delivery.test.ts',
        'test/connection/idle-cuts.test.ts',
        'test/connection/server-delays.test.ts',
        'test/connection/preparing.test.ts',
        'test/connection/stores.test.ts',
        'test/connection/receiving.test.ts',
        'test/connection/sending.test.ts',
      ],
    },
  ],
  policies: [
    {
      mutate: ['src/core/policies/*.ts'],
      tests: [
        'test/core/policies/heartbeat.test.ts',
        'test/core/policies/hints.test.ts',
        'test/core/policies/backoff.test.ts',
        'test/core/policies/close-codes.test.ts',
        'test/core/policies/retry.test.ts',
      ],
    },
  ],
}
