import { explain as chosen } from '#sentences'
import type { Explain } from './catalogue.js'

/** By the package's `imports`: that of `full.ts` or of `short.ts`. The published types do not say `#sentences`: few resolvers know it there. */
export const explain: Explain = chosen
