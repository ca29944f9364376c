import { inThisZone, outsideAngular } from '../environment/zone.js'
import type { Feature, FeatureTypes } from '../feature.js'

interface ZonesTypes extends FeatureTypes {}
/** The type of `zones()`. */
export interface ZonesFeature extends Feature<'zones', ZonesTypes, never> {}

/**
 * On pages with zone.js: sockets and timers run outside Angular's zone, so they don't trigger change detection; listeners run in
 * the zone that added them.
 */
export const zones = (): ZonesFeature => ({
  name: 'zones',
  attach: () => ({ zone: { outside: outsideAngular, bind: inThisZone } }),
})
