import { isUrl } from '../checks.js'
import type { UrlContext, UrlSource, UrlTarget } from './provider.types.js'
import { isRefused, makeError } from '../errors.js'
import { checkTls } from './tls.js'
import type { Target, Transport } from '../transport.js'
import { checkHeaders, checkProtocols, resolveUrl } from './url.js'

export interface ProviderOptions {
  readonly url: UrlSource
  readonly protocols: readonly string[]
  readonly transport: Pick<Transport, 'base' | 'schemes'>
}

/**
 * Resolves the target of an attempt. Rejects with `ERR_PROVIDER`, which is temporary, or with `ERR_URL`, `ERR_OPTION` or
 * `ERR_REFUSED`, which are final.
 */
export async function resolveTarget(
  { url, protocols, transport }: ProviderOptions,
  context: () => UrlContext,
): Promise<Omit<Target, 'binaryType'>> {
  if (typeof url === 'string') return { url, protocols, headers: {} }
  let answer: unknown
  try {
    answer = copyOf(await url(context()))
  } catch (thrown) {
    const detail = { cause: thrown }
    if (isRefused(thrown)) throw makeError('ERR_REFUSED', 'refused-by-provider', [], detail)
    throw makeError('ERR_PROVIDER', 'provider-threw', [], detail)
  }
  if (typeof answer === 'string') return { url: resolveUrl(answer, transport), protocols, headers: {} }
  const target = (typeof answer === 'object' ? answer : null) as UrlTarget | null
  if (typeof target?.url !== 'string') throw makeError('ERR_PROVIDER', 'provider-result', [typeof answer])
  return {
    url: resolveUrl(target.url, transport),
    protocols: target.protocols === undefined ? protocols : checkProtocols(target.protocols),
    headers: target.headers === undefined ? {} : checkHeaders(target.headers),
    ...(target.tls === undefined ? {} : { tls: checkTls(target.tls) }),
  }
}

/** Reads the result once, because getters of the app may throw or change. URLs become text. */
function copyOf(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null) return answer
  if (isUrl(answer)) return String(answer)
  const { url, protocols, headers, tls } = answer as Partial<UrlTarget>
  return {
    url: isUrl(url) ? String(url) : url,
    protocols: Array.isArray(protocols) ? [...(protocols as unknown[])] : protocols,
    headers: recordOf(headers),
    tls: recordOf(tls),
  }
}

function recordOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : value
}
