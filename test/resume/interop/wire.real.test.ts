import { describe, it } from 'vitest'
import { implementations } from './subjects.js'
import { wireScenarios } from './wire-scenarios.js'

for (const implementation of implementations) {
  const reason = await implementation.lacking()
  if (reason !== undefined && process.env['CI']) throw new Error(`the tests of ${implementation.name}: ${reason}`)

  describe.skipIf(reason !== undefined)(
    `${implementation.name} on the wire${reason === undefined ? '' : ` [SKIPPED: ${reason}]`}`,
    () => {
      it.each(wireScenarios)('$title', ({ run }) => run(implementation), 60_000)
    },
  )
}
