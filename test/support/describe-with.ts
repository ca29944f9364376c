import { describe, test } from 'vitest'
import { find, type ServerName } from './servers.js'

/** As `describe`. Without the server it fails in CI, and is skipped elsewhere. */
export function describeWith(name: ServerName, title: string, body: () => void): void {
  if (find(name) !== undefined) describe(title, () => void body())
  else if (process.env['CI'])
    test(title, () => {
      throw new Error(`${name} is not installed`)
    })
  else describe.skip(`${title} (needs ${name})`, () => void body())
}
