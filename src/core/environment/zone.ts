/**
 * The parts of zone.js that are used, if the page has loaded it: https://angular.dev/api/core/NgZone.
 * With it, `setTimeout` and `addEventListener` belong to the zone in which they are called. Angular's zone checks views after each callback,
 * and the app isn't stable while a timer is pending.
 */
interface Zone {
  readonly parent: Zone | null
  get(key: string): unknown
  run<A extends unknown[], R>(work: (...args: A) => R, self: undefined, args: A): R
}

const currentZone = (): Zone | undefined => (globalThis as { Zone?: { readonly current?: Zone } }).Zone?.current

/** Runs work outside Angular's zone, so timers and sockets don't trigger view checks or keep the app unstable. */
export function outsideAngular<R>(work: () => R): R {
  let zone = currentZone()
  if (zone?.get('isAngularZone') !== true) return work()
  // The parent zone instead of the root: tests with fake time use a zone of their own.
  while (zone?.get('isAngularZone') === true) zone = zone.parent ?? undefined
  return zone === undefined ? work() : zone.run(work, undefined, [])
}

/** Binds a callback to the current zone, as `addEventListener` does. */
export function inThisZone<A extends unknown[], R>(callback: (...args: A) => R): (...args: A) => R {
  const zone = currentZone()
  return zone === undefined ? callback : (...args) => zone.run(callback, undefined, args)
}
