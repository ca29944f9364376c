import { inThisZone, outsideAngular } from '../environment/zone.js'
import type { Feature, FeatureTypes } from '../feature.js'

interface ZonesTypes extends FeatureTypes {}
export interface ZonesFeature extends Feature<'zones', ZonesTypes, never> {}

/** On pages with zone.js: the connection's own sockets and timers are no reason for Angular to check views, listeners run where they were added. */
export const zones = (): ZonesFeature => ({
  name: 'zones',
  attach: () => ({ zone: { outside: outsideAngular, bind: inThisZone } }),
})
