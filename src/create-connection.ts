import { assemble } from './assemble.js'
import type { Connection, ConnectionOptions, Extended, ExtendedOptions } from './core/connection.types.js'
import type { Complete, Features } from './core/connected.js'
import { pageEnvironment } from './core/environment/environment.js'
import { backpressure } from './core/features/backpressure.js'
import { batch } from './core/features/batch.js'
import { checks } from './core/features/checks.js'
import { codec } from './core/features/codec.js'
import { complaint } from './core/features/complaint.js'
import { counters } from './core/features/counters.js'
import { delivery } from './core/features/delivery.js'
import { hints } from './core/features/hints.js'
import { idleCuts } from './core/features/idle-cuts.js'
import { inspection } from './core/features/inspection.js'
import { lifecycle } from './core/features/lifecycle.js'
import { promises } from './core/features/promises.js'
import { readers } from './core/features/readers.js'
import { richQueue } from './core/features/rich-queue.js'
import { slowLinks } from './core/features/slow-links.js'
import { store } from './core/features/store.js'
import { streams } from './core/features/streams.js'
import { zones } from './core/features/zones.js'
import type { AnyFeature } from './core/feature.js'
import { systemClock } from './core/time/clock.js'
import { defaults, resolveOptions } from './options.js'
import type { UrlProvider } from './core/target/provider.types.js'
import type { SendData, MessageData } from './core/transport.js'

/** The features that `createConnection` has. */
export type BuiltIn =
  | 'backpressure'
  | 'batch'
  | 'checks'
  | 'complaint'
  | 'counters'
  | 'delivery'
  | 'hints'
  | 'idleCuts'
  | 'inspection'
  | 'lifecycle'
  | 'promises'
  | 'readers'
  | 'richQueue'
  | 'slowLinks'
  | 'store'
  | 'streams'
  | 'zones'

// Features without options are shared by all connections.
const first: Features = /* @__PURE__ */ (() => [zones(), checks(), promises(), store(), counters()])()
const last: Features = /* @__PURE__ */ (() => [
  batch(),
  readers(),
  streams(),
  delivery(),
  slowLinks(),
  idleCuts(),
  complaint(),
])()
const queueByDefault = /* @__PURE__ */ richQueue()
const pressureByDefault = /* @__PURE__ */ backpressure()
const hintsByDefault = /* @__PURE__ */ hints()
const lifecycleByDefault = /* @__PURE__ */ lifecycle(pageEnvironment, systemClock)
const inspectionByDefault = /* @__PURE__ */ inspection()

/**
 * Creates a connection that reconnects until you close it. It dials immediately, like `new WebSocket`, unless `autoOpen` is false.
 *
 * `url` may be a function, which is called for each attempt and may be async. `connectTimeout` limits it; a rejection is a failed attempt.
 *
 * @throws ConnectionError `ERR_URL` or `ERR_OPTION` for an invalid URL or option, before dialing; `ERR_MISSING_PEER` if the runtime has no
 * global `URL`.
 */
export function createConnection<In = MessageData, Out = SendData>(
  url: string | URL | UrlProvider,
  options?: ConnectionOptions<In, Out>,
): Connection<In, Out>
/** Creates a connection with additional `features`. */
export function createConnection<In = MessageData, Out = SendData, const F extends Features = []>(
  url: string | URL | UrlProvider,
  options: ExtendedOptions<In, Out, F> & Complete<F, BuiltIn>,
): Extended<In, Out, F>
export function createConnection(url: unknown, options?: object): unknown {
  const settings = resolveOptions(url, options)
  const { codec: coder, inspect, environment, clock } = settings
  const features: AnyFeature[] = [
    ...first,
    settings.queue === defaults.queue ? queueByDefault : richQueue(settings.queue),
    settings.highWaterMark === defaults.highWaterMark ? pressureByDefault : backpressure(settings.highWaterMark),
    settings.maxServerDelay === defaults.maxServerDelay ? hintsByDefault : hints(settings.maxServerDelay),
    environment === pageEnvironment && clock === systemClock ? lifecycleByDefault : lifecycle(environment, clock),
    ...last,
    inspect === undefined ? inspectionByDefault : inspection(inspect),
  ]
  if (coder !== undefined) features.push(codec(coder))
  return assemble(settings, features).face
}
