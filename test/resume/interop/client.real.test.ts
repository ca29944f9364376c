import { describe, it } from 'vitest'
import { clientScenarios } from './client-scenarios.js'
import { implementations } from './subjects.js'

for (const implementation of implementations) {
  const reason = await implementation.lacking()
  if (reason !== undefined && process.env['CI']) throw new Error(`the tests of ${implementation.name}: ${reason}`)

  describe.skipIf(reason !== undefined)(
    `the client with ${implementation.name}${reason === undefined ? '' : ` [SKIPPED: ${reason}]`}`,
    () => {
      it.each(clientScenarios)('$title', ({ run }) => run(implementation), 60_000)
    },
  )
}
