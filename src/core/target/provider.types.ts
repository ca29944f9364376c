import type { Loss } from '../policies/retry.js'
import type { TlsOptions } from '../transport.js'

/** The target of one attempt, if a URL alone isn't enough. */
export interface UrlTarget {
  /** The URL to connect to. */
  readonly url: string | URL
  /** Replaces the option `protocols`. */
  readonly protocols?: string | readonly string[] | undefined
  /** Headers of the upgrade request, if the transport supports them (`statewire/ws`). */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * TLS options of this attempt, such as a renewed client certificate, if the transport supports them (`statewire/ws`). Each overrides the
   * same option of the transport.
   */
  readonly tls?: TlsOptions | undefined
}

/** The argument of a `url` function. */
export interface UrlContext {
  /** The number of the attempt, from 1. */
  readonly attempt: number
  /** Aborted once the result is no longer needed. */
  readonly signal: AbortSignal
  /** The last lost link or failed attempt since `open()`. */
  readonly previous: Loss | undefined
}

/**
 * Returns the URL of each attempt, for example with a fresh token.
 *
 * Called once per attempt, within `connectTimeout`. Throwing or rejecting fails the attempt; a `Refused` ends the connection.
 */
export type UrlProvider = (context: UrlContext) => string | URL | UrlTarget | Promise<string | URL | UrlTarget>

/** A URL, or a function that returns one. */
export type UrlSource = string | UrlProvider
