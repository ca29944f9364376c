import type { Source } from './source.js'

export interface Plant extends Source {
  /** The checker rule that must report it. */
  readonly rule: string
  /** The linter rule that must report it; `undefined` if only the checker does. */
  readonly lint: string | undefined
}

const imports = 'no-restricted-imports'
const globals = 'no-restricted-globals'

const plant = (path: string, text: string, rule: string, lint: string | undefined): Plant => ({
  path: path.replace(/\.ts$/, '.planted.ts'),
  text: `${text}\n`,
  rule,
  lint,
})

/** A bad file for each rule of each layer. */
export const plants: readonly Plant[] = [
  plant('machines/a.ts', `import { x } from '../src/core/errors.js'\nexport const y = x`, 'import', imports),
  plant('machines/b.ts', `export const late = () => setTimeout(() => {}, 1)`, 'global', globals),
  plant('machines/c.ts', `export const now = () => globalThis.Date.now()`, 'global', globals),
  plant('machines/d.ts', `export const dice = () => Math.random()`, 'random', 'no-restricted-properties'),
  plant('machines/e.ts', `export const soon = () => queueMicrotask(() => {})`, 'global', globals),

  plant(
    'machines/picture/a.ts',
    `import { Core } from '../../src/core/core.js'\nexport const y = Core`,
    'import',
    imports,
  ),

  plant('src/a.ts', `import { createActor } from 'xstate'\nexport const y = createActor`, 'import', imports),
  plant(
    'src/b.ts',
    `import { wsTransport } from './transports/ws.js'\nexport const y = wsTransport`,
    'import',
    imports,
  ),
  plant(
    'src/c.ts',
    `import { TestClock } from './tools/testing/clock.js'\nexport const y = TestClock`,
    'import',
    imports,
  ),
  plant('src/d.ts', `export const now = () => performance.now()`, 'global', globals),
  plant('src/e.ts', `export const here = () => location.href`, 'global', globals),
  plant('src/f.ts', `export const args = () => process.argv`, 'global', globals),
  plant('src/g.ts', `export const made = (url: string) => new WebSocket(url)`, 'global', globals),
  plant('src/h.ts', `export const say = () => console.log('hello')`, 'console', 'no-console'),
  plant('src/i.ts', `const one = 1\nexport default one`, 'default', 'no-default-export'),
  plant('src/j.ts', `const one = 1\nexport { one as default }`, 'default', 'no-default-export'),
  plant(
    'src/k.ts',
    `const { random } = Math\nexport const dice = () => random()`,
    'random',
    'no-restricted-properties',
  ),
  plant('src/l.ts', `import { readFileSync } from 'node:fs'\nexport const y = readFileSync`, 'import', imports),
  plant('src/utils.ts', `export const one = 1`, 'name', undefined),
  plant('src/m.ts', 'export {}\n'.repeat(301), 'length', undefined),
  plant('src/elsewhere/a.ts', `export const one = 1`, 'layer', undefined),

  plant('src/n.ts', `import { explain } from '#sentences'\nexport const y = explain`, 'import', imports),
  plant('src/o.ts', `import { explain } from './core/sentences/full.js'\nexport const y = explain`, 'import', imports),
  plant('src/core/sentences/a.ts', `import { x } from '../errors.js'\nexport const y = x`, 'import', imports),
  plant(
    'src/core/policies/b.ts',
    `import { bag } from '../factory-checks/full.js'\nexport const y = bag`,
    'import',
    imports,
  ),
  plant('src/core/factory-checks/a.ts', `import { x } from '../errors.js'\nexport const y = x`, 'import', imports),
  plant('src/core/f.ts', `import { createActor } from 'xstate'\nexport const y = createActor`, 'import', imports),
  plant(
    'src/core/engine/a.ts',
    `import { connectionMachine } from '../../../machines/connection.machine.js'\nexport const y = connectionMachine`,
    'import',
    imports,
  ),
  plant('src/core/engine/b.ts', `import { Core } from '../core.js'\nexport const y = Core`, 'import', imports),
  plant('src/core/engine/c.ts', `export const late = () => setTimeout(() => {}, 1)`, 'global', globals),
  plant('src/xstate/a.ts', `import { Core } from '../core/core.js'\nexport const y = Core`, 'import', imports),
  plant('src/xstate/b.ts', `export const now = () => Date.now()`, 'global', globals),

  plant(
    'src/core/a.ts',
    `import { webSocketTransport } from '../transports/browser.js'\nexport const y = webSocketTransport`,
    'import',
    imports,
  ),
  plant(
    'src/core/b.ts',
    `import type { WebSocketLike } from '../transports/browser.js'\nexport type Y = WebSocketLike`,
    'import',
    imports,
  ),
  plant('src/core/c.ts', `import { defaults } from '../options.js'\nexport const y = defaults`, 'import', imports),
  plant('src/core/d.ts', `export const late = () => setTimeout(() => {}, 1)`, 'global', globals),
  plant('src/core/e.ts', `export const seen = () => document.hidden`, 'global', globals),

  plant('src/core/features/a.ts', `import { off } from '../../index.js'\nexport const y = off`, 'import', imports),
  plant('src/core/features/d.ts', `export const now = () => Date.now()`, 'global', globals),
  plant('src/core/features/e.ts', `export const now = () => performance.now()`, 'global', globals),
  plant('src/core/features/f.ts', `export const late = () => setInterval(() => {}, 1)`, 'global', globals),
  plant('src/core/features/g.ts', `export type Y = import('xstate').AnyActorRef`, 'import', undefined),
  plant('src/core/features/h.ts', `export const y = import('xstate')`, 'import', imports),
  plant('src/core/features/i.ts', `export { createActor } from 'xstate'`, 'import', imports),

  plant(
    'src/core/policies/a.ts',
    `import type { Attempt } from '../attempt.js'\nexport type Y = Attempt`,
    'import',
    imports,
  ),
  plant('src/core/policies/e.ts', `import { Core } from '../core.js'\nexport const y = Core`, 'import', imports),
  plant('src/core/policies/c.ts', `export const dice = () => Math.random()`, 'random', 'no-restricted-properties'),
  plant('src/core/policies/d.ts', `export const now = () => Date.now()`, 'global', globals),

  plant('src/transports/a.ts', `import { WebSocket } from 'ws'\nexport const y = WebSocket`, 'import', imports),
  plant('src/transports/b.ts', `import { connect } from 'node:net'\nexport const y = connect`, 'import', imports),
  plant(
    'src/transports/c.ts',
    `import { fullJitter } from '../core/policies/backoff.js'\nexport const y = fullJitter`,
    'import',
    imports,
  ),

  plant(
    'src/tools/inspect/viewer/a.ts',
    `import { observe } from '../observe.js'\nexport const y = observe`,
    'import',
    imports,
  ),
  plant('src/tools/cli/lab/page/a.ts', `import { Rig } from '../rig.js'; export const rig = Rig`, 'import', imports),
  plant('src/tools/cli/lab/page/b.ts', `export const id = () => process.pid`, 'global', globals),
  plant('src/tools/inspect/viewer/b.ts', `export const asked = () => fetch('/x')`, 'global', globals),
  plant('src/tools/inspect/viewer/c.ts', `export const kept = () => localStorage.length`, 'global', globals),
  plant(
    'src/tools/inspect/a.ts',
    `import { createActor } from 'xstate'\nexport const y = createActor`,
    'import',
    imports,
  ),
  plant(
    'src/tools/inspect/b.ts',
    `import { Core } from '../../core/core.js'\nexport const y = Core`,
    'import',
    imports,
  ),
  plant(
    'src/tools/inspect/c.ts',
    `import { createServer } from 'node:http'\nexport const y = createServer`,
    'import',
    imports,
  ),

  plant(
    'src/tools/testing/a.ts',
    `import { systemClock } from '../../core/time/clock.js'\nexport const y = systemClock`,
    'import',
    imports,
  ),
  plant(
    'src/tools/testing/b.ts',
    `import { createServer } from 'node:http'\nexport const y = createServer`,
    'import',
    imports,
  ),
  plant(
    'src/tools/testing/fault-server/a.ts',
    `import { Core } from '../../../core/core.js'\nexport const y = Core`,
    'import',
    imports,
  ),
  plant(
    'src/tools/testing/fault-server/b.ts',
    `import { WebSocket } from 'ws'\nexport const y = WebSocket`,
    'import',
    undefined,
  ),

  plant('src/tools/cli/a.ts', `import { Core } from '../../core/core.js'\nexport const y = Core`, 'import', imports),
  plant(
    'src/tools/cli/lab/a.ts',
    `import { Core } from '../../../core/core.js'\nexport const y = Core`,
    'import',
    imports,
  ),
  plant('src/tools/cli/b.ts', `export const here = () => window.origin`, 'global', globals),
]

/** Two files that are bad together. */
export const ring: readonly Source[] = [
  { path: 'src/ring-a.ts', text: `import { b } from './ring-b.js'\nexport const a = () => b\n` },
  { path: 'src/ring-b.ts', text: `import type { a } from './ring-a.js'\nexport const b: typeof a | 1 = 1\n` },
]
