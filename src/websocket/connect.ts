import { assemble } from '../assemble.js'
import type { Connected } from '../core/connected.js'
import { checks, type ChecksFeature } from '../core/features/checks.js'
import { counters, type CountersFeature } from '../core/features/counters.js'
import { delivery, type DeliveryFeature } from '../core/features/delivery.js'
import { hints, type HintsFeature } from '../core/features/hints.js'
import { idleCuts, type IdleCutsFeature } from '../core/features/idle-cuts.js'
import { inspection, type InspectionFeature } from '../core/features/inspection.js'
import { lifecycle, type LifecycleFeature } from '../core/features/lifecycle.js'
import { promises, type PromisesFeature } from '../core/features/promises.js'
import { slowLinks, type SlowLinksFeature } from '../core/features/slow-links.js'
import { store, type StoreFeature } from '../core/features/store.js'
import { zones, type ZonesFeature } from '../core/features/zones.js'
import { isUrl } from '../core/checks.js'
import { isConnectionError } from '../core/errors.js'
import type { ConnectionOptions, UrlProvider } from '../index.js'
import { resolveOptions, type Settings } from '../options.js'
import { domException } from './dom.js'
import { socketQueue, type SocketQueueFeature } from './queue.js'

type SocketFeatures = readonly [
  ZonesFeature,
  ChecksFeature,
  PromisesFeature,
  StoreFeature,
  CountersFeature,
  SocketQueueFeature,
  HintsFeature,
  LifecycleFeature,
  DeliveryFeature,
  SlowLinksFeature,
  IdleCutsFeature,
  InspectionFeature,
]

const featuresOf = ({ environment, clock, inspect }: Settings, maxEnqueuedMessages: number): SocketFeatures => [
  zones(),
  checks(),
  promises(),
  store(),
  counters(),
  socketQueue(maxEnqueuedMessages),
  hints(),
  lifecycle(environment, clock),
  delivery(),
  slowLinks(),
  idleCuts(),
  inspection(inspect),
]

/**
 * The connection under a `ReconnectingWebSocket`: a `Connection` without readers, streams, batches, codec, flow
 * control, and message keys and ages.
 */
export interface SocketConnection extends Connected<SocketFeatures> {}

/** Creates the connection. Throws `SyntaxError` for a URL that the standard rejects, and `ERR_OPTION`. */
export function connect(
  url: string | UrlProvider,
  protocols: string[] | ProtocolsProvider,
  options: ConnectionOptions,
  maxEnqueuedMessages: number,
): { readonly connection: SocketConnection; readonly firstUrl: string } {
  try {
    const hasProvider = typeof protocols === 'function'
    // A URL passed through a provider is validated only when it is dialed.
    const target = hasProvider && typeof url === 'string' ? validate(url, options) : url
    const settings = hasProvider
      ? resolveOptions(withProtocols(target, protocols), options)
      : resolveOptions(target, { ...options, protocols })
    const { face } = assemble(settings, featuresOf(settings, maxEnqueuedMessages))
    return {
      connection: face as unknown as SocketConnection,
      firstUrl: typeof settings.url === 'string' ? settings.url : typeof target === 'string' ? target : '',
    }
  } catch (error) {
    if (!isConnectionError(error) || error.code !== 'ERR_URL') throw error
    throw domException('SyntaxError', error.message)
  }
}

/**
 * Returns the URL as it will be dialed. Validates early what would otherwise fail later: options bound by `with`, and a
 * URL passed through a provider. Throws `ERR_URL` and `ERR_OPTION`.
 */
export function validate(url: string, options: ConnectionOptions): string {
  return resolveOptions(url, options).url as string
}

/**
 * Returns the subprotocols to offer. Called for each attempt, in parallel with the URL provider. If it throws or
 * rejects, the attempt fails.
 */
export type ProtocolsProvider = () => Protocols | Promise<Protocols>

type Protocols = string | readonly string[] | null | undefined

/**
 * Combines the URL and the protocols provider. Both are called once per attempt, in parallel; if either fails, the
 * attempt fails.
 */
function withProtocols(url: string | UrlProvider, protocols: ProtocolsProvider): UrlProvider {
  return async (context) => {
    const [target, offered] = await Promise.all([
      (async () => (typeof url === 'function' ? url(context) : url))(),
      (async () => protocols())(),
    ])
    const asked = { protocols: offered || [] }
    return typeof target === 'object' && !isUrl(target) ? { ...asked, ...target } : { ...asked, url: target }
  }
}

/**
 * Logs events without payloads, URLs and close reasons, which may contain secrets. Uses its own listeners, so that a
 * logger that throws is reported and has no other effect.
 */
export function logTo(logger: (...args: unknown[]) => void, connection: SocketConnection): void {
  const log = (what: string, detail: object): unknown => logger('statewire>', what, detail)
  connection.on('state', ({ state, why, attempt }) => log('state', { state, why, attempt }))
  connection.on('open', ({ attempt }) => log('open', { attempt }))
  connection.on('close', ({ code, wasClean, error, willRetry, delay }) =>
    log('close', { code, wasClean, error: error?.code, willReconnect: willRetry, retryDelay: delay }),
  )
  connection.on('dropped', ({ reason }) => log('dropped', { reason }))
}
