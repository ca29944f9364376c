import { defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'
import { rooms } from './rooms.mjs'

const { tests } = rooms[process.env.MUTATION_ROOM]

/** In the order in which the room lists them, the fast ones first: a mutant dies with the first test that fails. */
class AsListed extends BaseSequencer {
  async sort(files) {
    const place = ({ moduleId }) => tests.findIndex((test) => moduleId.endsWith(test))
    return files.toSorted((one, other) => place(one) - place(other))
  }
}

export default defineConfig({
  test: { environment: 'node', include: tests, sequence: { sequencer: AsListed } },
})
