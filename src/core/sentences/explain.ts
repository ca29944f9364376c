import { explain as chosen } from '#sentences'
import type { Explain } from './catalogue.js'

/**
 * Selected by the package's `imports`: `full.ts` or `short.ts`. A separate file, so published types don't contain `#sentences`,
 * which few resolvers support.
 */
export const explain: Explain = chosen
