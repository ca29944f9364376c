import { readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'
import { groups } from './groups.mjs'

const [group, part] = process.env.MUTATION_PART.split('-')
const { tests } = groups[group][part - 1]

/** These replace a module for every importer, so they run in a worker of their own. */
const alone = tests.filter((test) => readFileSync(test, 'utf8').includes('vi.mock('))

/** In the listed order, the fast ones first: a mutant dies with the first test that fails. */
class AsListed extends BaseSequencer {
  async sort(files) {
    const place = ({ moduleId }) => tests.findIndex((test) => moduleId.endsWith(test))
    return files.toSorted((one, other) => place(one) - place(other))
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: AsListed },
    projects: [
      // One worker for all files of a run: loading the sources for each file costs more than the tests do.
      { test: { name: 'together', include: tests.filter((test) => !alone.includes(test)), isolate: false } },
      ...(alone.length > 0 ? [{ test: { name: 'alone', include: alone } }] : []),
    ],
  },
})
