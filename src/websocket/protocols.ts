import { isUrl } from '../core/checks.js'
import type { UrlProvider } from '../index.js'

/** Asked for each attempt, as the URL provider is. */
export type ProtocolsProvider = () => Protocols | Promise<Protocols>

type Protocols = string | readonly string[] | null | undefined

/** One provider from two that are asked side by side, once each; whichever fails, and however, the attempt has failed. */
export function withProtocols(url: string | UrlProvider, protocols: ProtocolsProvider): UrlProvider {
  return async (context) => {
    const [target, offered] = await Promise.all([
      (async () => (typeof url === 'function' ? url(context) : url))(),
      (async () => protocols())(),
    ])
    const asked = { protocols: offered || [] }
    return typeof target === 'object' && !isUrl(target) ? { ...asked, ...target } : { ...asked, url: target }
  }
}
