// Run by one runtime at a time, as a process: survives every fault of one seam, and reports it.
import { bites, live, type Seam } from './seams.js'

interface ProcessLike {
  readonly argv: readonly string[]
  getBuiltinModule(name: 'node:vm'): { runInNewContext(code: string): unknown }
}

const { process } = globalThis as unknown as { process: ProcessLike }
const vm = process.getBuiltinModule('node:vm')
const all = {
  ...bites,
  'rejects with a promise of another realm': () => vm.runInNewContext('Promise.reject(new Error("bitten"))'),
}
const [, , ...names] = process.argv
const quiet = { ...globalThis.console }
const shouldThrow = names.includes('--console-throws')
const isMissing = names.includes('--no-console')
Object.assign(globalThis, {
  console: isMissing
    ? undefined
    : {
        ...quiet,
        error: () => {
          if (shouldThrow) throw new Error('the console throws')
        },
      },
})

for (const name of names.filter((each) => !each.startsWith('--'))) {
  for (const [bite, work] of Object.entries(all)) {
    const { reached } = await live(name as Seam, work)
    if (reached === 0) throw new Error(`${name} was never reached`)
    // A runtime reports an unhandled rejection at the end of the loop turn.
    await new Promise((resolve) => setTimeout(resolve, 1))
    quiet.log(`survived ${name}: ${bite}`)
  }
}
quiet.log('done')
