import { existsSync } from 'node:fs'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { chromiumArgs, chromiumPath } from './test/support/chromium.js'

const haveChromium = existsSync(chromiumPath)
const chromium = playwright({ launchOptions: { executablePath: chromiumPath, args: chromiumArgs } })

// Real sockets, processes, bundlers, networks and terminals, in real time: `npm run test:real`. Whole folders, and elsewhere
// the files that say so in their name. Those of the examples need what `npm ci --prefix examples` installs.
/** What `test/runtimes` installs has tests of its own. */
const installed = '**/node_modules/**'
const examples = ['test/examples/**/*.test.ts']
const real = ['test/{faults,package,platforms,soak,transports}/**/*.test.ts', 'test/**/*.real.test.ts']

/**
 * After all others and one at a time, because what has deadlines must not wait for a processor. A test that fails is tried again;
 * a defect that is always there fails twice.
 */
const inRealTime = {
  environment: 'node' as const,
  setupFiles: ['test/support/end-processes.ts'],
  execArgv: ['--experimental-websocket'],
  sequence: { groupOrder: 1 },
  maxWorkers: 1,
  retry: 1,
  testTimeout: 20_000,
}

export default defineConfig({
  test: {
    // Every core, where Vitest would leave one idle.
    maxWorkers: '100%',
    // What .ci/run counts.
    reporters: process.env['CI']
      ? ['default', ['json', { outputFile: process.env['TEST_RESULTS'] ?? 'test-results/vitest.json' }]]
      : ['default'],
    projects: [
      {
        test: {
          name: 'node',
          environment: 'node',
          // No test waits for the wall clock. The limits only end a test that hangs, also on a busy machine.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', installed, ...examples, ...real],
          // Node 20 has a global WebSocket only behind this flag; newer ones take the flag and ignore it.
          execArgv: ['--experimental-websocket'],
          typecheck: {
            enabled: true,
            checker: 'tsc',
            tsconfig: 'test/tsconfig.json',
            include: ['test/types/**/*.test-d.ts'],
          },
        },
      },
      {
        // The files whose subject is what the chart does run a second time, with XState as the default engine.
        resolve: {
          alias: [
            {
              find: /^.*\/engine\/default\.js$/,
              replacement: `${import.meta.dirname}/test/core/engine/xstate-default.ts`,
            },
          ],
        },
        test: {
          name: 'node-xstate',
          environment: 'node',
          include: [
            'test/connection/**/*.test.ts',
            'test/core/{attaching,attempt,chart-host,connect,core,ending,heartbeat,moments,outgoing,receiving,retrying,status}.test.ts',
            'test/core/engine/{default,inspection}.test.ts',
            'test/machine/paths.test.ts',
            'test/resume/{links,sending,properties}.test.ts',
            'test/tools/inspect/{attach,observe,secrets,stately}.test.ts',
          ],
          exclude: [installed, ...real],
          execArgv: ['--experimental-websocket'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          env: { DEFAULT_ENGINE: 'xstate' },
        },
      },
      {
        test: {
          ...inRealTime,
          name: 'real',
          include: real,
          globalSetup: ['test/support/chromium-missing.ts'],
        },
      },
      { test: { ...inRealTime, name: 'examples', include: examples } },
      ...(haveChromium
        ? [
            {
              test: {
                name: 'chromium',
                include: ['test/browser/**/*.test.ts'],
                globalSetup: ['test/browser/global-setup.ts'],
                browser: {
                  enabled: true,
                  provider: chromium,
                  headless: true,
                  screenshotFailures: false,
                  instances: [{ browser: 'chromium' as const }],
                },
              },
            },
          ]
        : []),
    ],
  },
})
