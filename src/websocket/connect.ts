import {
  ConnectionError,
  createConnection,
  type Connection,
  type ConnectionOptions,
  type UrlProvider,
} from '../index.js'
import { domException } from './dom.js'
import { withProtocols, type ProtocolsProvider } from './protocols.js'

/** What a socket stands on. Throws `SyntaxError` for a URL that the standard refuses, `ERR_OPTION`. */
export function connect(
  url: string | UrlProvider,
  protocols: string[] | ProtocolsProvider,
  options: ConnectionOptions,
): { readonly connection: Connection; readonly firstUrl: string } {
  try {
    const isAsked = typeof protocols === 'function'
    // Handed to a provider it would be looked at only when it is dialled.
    const target = isAsked && typeof url === 'string' ? rehearse(url, options) : url
    const connection = isAsked
      ? createConnection(withProtocols(target, protocols), options)
      : createConnection(target, { ...options, protocols })
    return { connection, firstUrl: typeof target === 'string' ? target : '' }
  } catch (error) {
    if (!(error instanceof ConnectionError) || error.code !== 'ERR_URL') throw error
    throw domException('SyntaxError', error.message)
  }
}

/**
 * What the core makes of these without dialling: the URL as it will be dialled. Throws `ERR_URL` and `ERR_OPTION`.
 * For what would otherwise show only later: options that are bound, a URL that is handed to a provider.
 */
export function rehearse(url: string, all: ConnectionOptions): string {
  const { inspect: _, ...options } = all
  const connection = createConnection(url, { ...options, autoOpen: false })
  // So that nothing holds it, a signal least of all.
  void connection.close()
  return connection.url
}
