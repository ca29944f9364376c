import type { UrlSource } from './target/provider.types.js'
import type { Complete, Connected, CoreOptions, Features } from './connected.js'
import { Core } from './core.js'

/**
 * Creates a connection with only these features, so your bundle contains no others. `createConnection` of `statewire` has all of them.
 *
 * Options are not checked, and a string `url` is passed to the transport unchanged. The feature `checks()` validates the results of a `url`
 * function, close arguments and listeners.
 * @throws ConnectionError `ERR_OPTION` for features that conflict or are in the wrong order.
 */
export function connect<const F extends Features = []>(
  url: UrlSource,
  options: CoreOptions & { readonly features?: F } & Complete<F>,
): Connected<F> {
  return new Core(url, options).face as unknown as Connected<F>
}

export { backpressure, type BackpressureFeature, type BackpressureMethods } from './features/backpressure.js'
export { batch, type BatchFeature, type BatchMethods, type SendCounts } from './features/batch.js'
export { checks, type ChecksFeature, type ListenOptions } from './features/checks.js'
export { codec, type Codec, type CodecFeature } from './features/codec.js'
export { complaint, type ComplaintFeature } from './features/complaint.js'
export { counters, type Counters, type CountersFeature } from './features/counters.js'
export { delivery, type DeliveryFeature, type Fate, type TrackedSend, type Uncertain } from './features/delivery.js'
export { hints, type HintsFeature } from './features/hints.js'
export { idleCuts, type IdleCutsFeature } from './features/idle-cuts.js'
export { inspection, type InspectionFeature } from './features/inspection.js'
export { lifecycle, type LifecycleFeature } from './features/lifecycle.js'
export { preparation, prepare, type Prepare, type PrepareFeature } from './features/prepare.js'
export { promises, type PromiseMethods, type PromisesFeature } from './features/promises.js'
export { readers, type MessagesOptions, type ReaderMethods, type ReadersFeature } from './features/readers.js'
export { richQueue, type QueuedSend, type QueueMethods, type RichQueueFeature } from './features/rich-queue.js'
export { slowLinks, type SlowLinksFeature } from './features/slow-links.js'
export { store, type StoreFeature, type StoreMethods } from './features/store.js'
export { streams, type StreamMethods, type StreamsFeature } from './features/streams.js'
export { until, type UntilFeature } from './features/until.js'
export { zones, type ZonesFeature } from './features/zones.js'
export type {
  AllOf,
  Complete,
  Connected,
  CoreBackoffEvent,
  CoreCloseEvent,
  CoreConnection,
  CoreEvents,
  CoreOptions,
  Features,
  InOf,
  OpenEvent,
  OutOf,
} from './connected.js'
export type * from './feature.js'
export type { Core } from './core.js'
export type { Attempt, Failure } from './attempt.js'
