import type { Loss } from '../policies/retry.js'
import type { TlsOptions } from '../transport.js'

/** Where one attempt goes, when a URL alone does not say it. */
export interface UrlTarget {
  readonly url: string | URL
  /** In place of the option `protocols`. */
  readonly protocols?: string | readonly string[] | undefined
  /** Sent with the upgrade, where the transport can (`statewire/ws`). */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * What this attempt needs of TLS, such as a client certificate that was renewed, where the transport can (`statewire/ws`). It
   * wins over the options of the transport, name by name.
   */
  readonly tls?: TlsOptions | undefined
}

export interface UrlContext {
  /** 1 is the first attempt. */
  readonly attempt: number
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
  /** How the last link or attempt ended, since the app opened. */
  readonly previous: Loss | undefined
}

/** Asked once for each attempt: fetch a ticket, pick a host. A throw or a rejection is a failed attempt, nothing more; a `Refused` ends the connection. */
export type UrlProvider = (context: UrlContext) => string | URL | UrlTarget | Promise<string | URL | UrlTarget>

export type UrlSource = string | UrlProvider
