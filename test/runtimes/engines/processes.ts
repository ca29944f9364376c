import { once } from 'node:events'
import { installRuntimes, packaged, unless, type Engine, type Suite } from './engine.js'
import { run, spawn } from '../../support/processes.js'

/** A command that runs a file. */
export function command(
  name: string,
  path: string,
  flags: readonly string[],
  suites: readonly Suite[],
  ask = '--version',
): Engine {
  return {
    name,
    missing: unless(path, installRuntimes),
    suites,
    version: async () =>
      (await run(path, [ask])).stdout
        .trim()
        .split('\n')[0]!
        .replace(/^(v|deno )/, '')
        .replace(/ \(.*/, ''),
    start({ file }) {
      // Node warns about null listeners, which the standard allows and a test adds.
      const env = { ...process.env, NODE_NO_WARNINGS: '1' }
      const child = spawn(path, [...flags, file], { stdio: ['ignore', 'ignore', 'inherit'], env })
      const exited = once(child, 'exit')
      return Promise.resolve({
        async stop() {
          child.kill('SIGKILL')
          if (child.exitCode === null && child.signalCode === null) await exited
        },
        ended: exited.then(([code, signal]) => `it ended with ${String(code ?? signal)}`),
      })
    },
  }
}

const node = (version: string): string => packaged(`node${version}/bin/node`)

export const processes: readonly Engine[] = [
  // The oldest supported version has a WebSocket only behind a flag; the current Node stands in for it if it is that
  // version.
  command(
    'node20',
    process.version.startsWith('v20.') ? process.execPath : node('20'),
    [],
    ['over-ws', 'over-lowest-ws'],
  ),
  command('node22', node('22'), [], ['over-ws', 'standard']),
  command('node24', node('24'), [], ['over-ws', 'standard']),
  command('node26', node('26'), [], ['over-ws', 'over-lowest-ws', 'standard']),
  command('bun', packaged('@oven/bun-linux-x64/bin/bun'), ['run'], ['standard', 'over-ws']),
  command('deno', packaged('@deno/linux-x64-glibc/deno'), ['run', '--allow-all', '--quiet'], ['standard', 'over-ws']),
]
