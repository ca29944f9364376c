import * as chosen from '#factory-checks'
import type { FactoryChecks } from './checks.types.js'

// The checks of policy and transport factories. The package's `imports` select `full.ts` or `none.ts`.

export const bag: FactoryChecks['bag'] = chosen.bag
export const duration: FactoryChecks['duration'] = chosen.duration
export const isConstructor: FactoryChecks['isConstructor'] = chosen.isConstructor
export const checkHeartbeat: FactoryChecks['checkHeartbeat'] = chosen.checkHeartbeat
export const checkTiming: FactoryChecks['checkTiming'] = chosen.checkTiming
export const checkRange: FactoryChecks['checkRange'] = chosen.checkRange
export const checkFraction: FactoryChecks['checkFraction'] = chosen.checkFraction
export const checkList: FactoryChecks['checkList'] = chosen.checkList
export const checkSendable: FactoryChecks['checkSendable'] = chosen.checkSendable
export const checkMatcher: FactoryChecks['checkMatcher'] = chosen.checkMatcher
export const checkAnswer: FactoryChecks['checkAnswer'] = chosen.checkAnswer
