import type { FactoryChecks } from './checks.types.js'

// For browser production bundles: no checks, because invalid values threw in development. `createConnection` still checks its options.

const asGiven = (_: string, value: unknown): never => value as never
const nothing = (): void => {}

export const bag: FactoryChecks['bag'] = asGiven
export const duration: FactoryChecks['duration'] = asGiven
export const isConstructor: FactoryChecks['isConstructor'] = nothing
export const checkHeartbeat: FactoryChecks['checkHeartbeat'] = (value) => value as never
export const checkTiming: FactoryChecks['checkTiming'] = nothing
export const checkRange: FactoryChecks['checkRange'] = nothing
export const checkFraction: FactoryChecks['checkFraction'] = nothing
export const checkList: FactoryChecks['checkList'] = nothing
export const checkSendable: FactoryChecks['checkSendable'] = nothing
export const checkMatcher: FactoryChecks['checkMatcher'] = nothing
export const checkAnswer: FactoryChecks['checkAnswer'] = nothing
