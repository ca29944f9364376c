/**
 * What is used of zone.js, where the page has loaded it: https://angular.dev/api/core/NgZone.
 * There `setTimeout` and `addEventListener` belong to the zone in which they are called. The zone of Angular checks the views
 * after each of their callbacks, and the app isn't stable while a timer is pending.
 */
interface Zone {
  readonly parent: Zone | null
  get(key: string): unknown
  run<A extends unknown[], R>(work: (...args: A) => R, self: undefined, args: A): R
}

const currentZone = (): Zone | undefined => (globalThis as { Zone?: { readonly current?: Zone } }).Zone?.current

/** Runs the connection's own work outside Angular's zone: its timers and sockets are no reason to wait, nor to check views. */
export function outsideAngular<R>(work: () => R): R {
  let zone = currentZone()
  if (zone?.get('isAngularZone') !== true) return work()
  // The zone around it, and not the root: a test that fakes time does so in a zone of its own.
  while (zone?.get('isAngularZone') === true) zone = zone.parent ?? undefined
  return zone === undefined ? work() : zone.run(work, undefined, [])
}

/** The callback as `addEventListener` would call it: in the zone that is current now. */
export function inThisZone<A extends unknown[], R>(callback: (...args: A) => R): (...args: A) => R {
  const zone = currentZone()
  return zone === undefined ? callback : (...args) => zone.run(callback, undefined, args)
}
