// npm run fuzz:engines -- --steps 2000000 --seed 1
// Random runs on both engines, until the given number of steps or a difference. The seed of the first run is printed; each later run
// has the next one, so any run can be repeated by its own seed.
import { parseArgs } from 'node:util'
import { compiledEngine } from '../../../src/core/engine/compiled.js'
import { xstateEngine } from '../../../src/xstate/engine.js'
import { describeDifference, liveUpTo, relive } from './support/lives.js'

const { values } = parseArgs({
  options: { steps: { type: 'string', default: '2000000' }, seed: { type: 'string' } },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const wanted = Number(values.steps)
if (!(wanted > 0) || !Number.isInteger(seed)) throw new RangeError('--steps and --seed must be whole numbers')

let [lives, steps, errors] = [0, 0, 0]
const pairs = new Set<string>()
for (const life of liveUpTo(wanted, seed, xstateEngine)) {
  const difference = relive(life, compiledEngine)
  if (difference !== undefined) {
    console.error(describeDifference(difference))
    process.exitCode = 1
    break
  }
  lives++
  steps += life.steps.length
  for (const { pair, effective, seen } of life.steps) {
    if (effective) pairs.add(pair)
    if (seen.includes('error ')) errors++
  }
}
console.log({ seed, lives, steps, errors, effective: pairs.size, differences: process.exitCode === 1 ? 1 : 0 })
