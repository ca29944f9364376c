import { assemble } from '../assemble.js'
import type { Connected } from '../core/connected.js'
import { checks, type ChecksFeature } from '../core/features/checks.js'
import { counters, type CountersFeature } from '../core/features/counters.js'
import { hints, type HintsFeature } from '../core/features/hints.js'
import { idleCuts, type IdleCutsFeature } from '../core/features/idle-cuts.js'
import { inspection, type InspectionFeature } from '../core/features/inspection.js'
import { lifecycle, type LifecycleFeature } from '../core/features/lifecycle.js'
import { promises, type PromisesFeature } from '../core/features/promises.js'
import { slowLinks, type SlowLinksFeature } from '../core/features/slow-links.js'
import { store, type StoreFeature } from '../core/features/store.js'
import { zones, type ZonesFeature } from '../core/features/zones.js'
import { isConnectionError } from '../core/errors.js'
import type { ConnectionOptions, UrlProvider } from '../index.js'
import { resolveOptions, type Settings } from '../options.js'
import { domException } from './dom.js'
import { withProtocols, type ProtocolsProvider } from './protocols.js'
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
  slowLinks(),
  idleCuts(),
  inspection(inspect),
]

/** What a `ReconnectingWebSocket` stands on: a connection without readers, streams, batches, a codec, flow control, and keys and ages of messages. */
export interface SocketConnection extends Connected<SocketFeatures> {}

/** Throws `SyntaxError` for a URL that the standard refuses, `ERR_OPTION`. */
export function connect(
  url: string | UrlProvider,
  protocols: string[] | ProtocolsProvider,
  options: ConnectionOptions,
  maxEnqueuedMessages: number,
): { readonly connection: SocketConnection; readonly firstUrl: string } {
  try {
    const isAsked = typeof protocols === 'function'
    // Handed to a provider it would be looked at only when it is dialled.
    const target = isAsked && typeof url === 'string' ? rehearse(url, options) : url
    const settings = isAsked
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
 * The URL as it will be dialled. Throws `ERR_URL` and `ERR_OPTION`. For what would otherwise show only later: options that are
 * bound, a URL that is handed to a provider.
 */
export function rehearse(url: string, options: ConnectionOptions): string {
  return resolveOptions(url, options).url as string
}
