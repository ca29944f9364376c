import type * as full from './full.js'

/** A separate file, so the published types refer to it instead of `#factory-checks`, which few resolvers support. */
export type FactoryChecks = typeof full
