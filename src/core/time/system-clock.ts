import { outsideAngular } from '../environment/zone.js'
import { plainClock, type Clock } from './timers.js'

/** The runtime's own clock. */
export const systemClock: Clock = {
  ...plainClock,
  setTimeout: (callback, delay) => outsideAngular(() => setTimeout(callback, delay)),
}
