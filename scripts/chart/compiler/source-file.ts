import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'

/** The first line of what is generated. */
export const heading =
  '// Generated from connection.machine.ts by `npm run chart`; a test fails when it is stale. Change the chart, not this.'

const anyFile = fileURLToPath(new URL('../../../machines/any.ts', import.meta.url))

/** Code as the formatter leaves it. */
export async function formatted(code: string): Promise<string> {
  return format(code, { ...(await resolveConfig(anyFile)), parser: 'typescript' })
}
