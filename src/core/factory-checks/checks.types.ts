import type * as full from './full.js'

/** By a file of its own, so that the published types name a file, and not `#factory-checks`, which few resolvers know. */
export type FactoryChecks = typeof full
