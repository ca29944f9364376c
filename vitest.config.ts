import { existsSync } from 'node:fs'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { chromiumArgs, chromiumPath } from './test/support/chromium.js'

const haveChromium = existsSync(chromiumPath)
if (!haveChromium && process.env['CI'])
  throw new Error(`the browser tests need Chromium, and ${chromiumPath} is not there`)
if (!haveChromium)
  console.warn(`SKIPPED: every test under test/browser: no Chromium at ${chromiumPath} (set CHROMIUM to its path)`)

const chromium = playwright({ launchOptions: { executablePath: chromiumPath, args: chromiumArgs } })

// Real sockets, processes, networks and terminals, in real time.
const real = [
  'test/faults/**/*.test.ts',
  'test/soak/{soak,random-calls}.test.ts',
  'test/platforms/**/*.test.ts',
  'test/package/{bundlers,side-effects,tree-shaking}.test.ts',
  'test/transports/**/*.test.ts',
  'test/callbacks/processes.test.ts',
  'test/websocket/real.test.ts',
  'test/websocket/standard.test.ts',
  'test/websocket/clients/**/*.test.ts',
  'test/docs/{brokers,start,site}.test.ts',
  'test/examples/**/*.test.ts',
  'test/tools/inspect/relay/**/*.test.ts',
  'test/tools/inspect/viewer/**/*.test.ts',
  'test/tools/cli/{inspect,lab,lab-engine,lab-page,site}.test.ts',
  'test/tools/cli/connect/{first-contact,pipes,proxy,terminal}.test.ts',
]

export default defineConfig({
  test: {
    // What .ci/run counts.
    reporters: process.env['CI']
      ? ['default', ['json', { outputFile: process.env['TEST_RESULTS'] ?? 'test-results/vitest.json' }]]
      : ['default'],
    projects: [
      {
        test: {
          name: 'node',
          environment: 'node',
          // None waits for the time of the wall; a busy machine is slow.
          testTimeout: 20_000,
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', ...real],
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
        // The chart on XState: the files whose subject is the chart's doing run a second time, with another default engine.
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
          include: ['test/{core,connection,machine,tools/inspect,websocket}/**/*.test.ts'],
          // Not those of the chart as a function and of messages, which no engine runs.
          exclude: [
            ...real,
            'test/machine/{document,host,invariants,memory,picture,sources,table}.test.ts',
            'test/tools/inspect/hostile.test.ts',
            'test/core/policies/**',
            'test/core/{bytes,factory-checks,sentences}.test.ts',
            'test/core/engine/{agreement,compiler,differential,faults,table}.test.ts',
          ],
          execArgv: ['--experimental-websocket'],
          // XState takes several times as long for an event.
          testTimeout: 60_000,
          env: { DEFAULT_ENGINE: 'xstate' },
        },
      },
      {
        test: {
          name: 'real',
          environment: 'node',
          include: real,
          execArgv: ['--experimental-websocket'],
          // After all others and one at a time: what has deadlines is not to wait for a processor. What fails for lack of one
          // is tried again; a fault that is always there fails twice.
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          retry: 1,
          testTimeout: 20_000,
        },
      },
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
