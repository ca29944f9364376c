import { bag, readable, wrongOption } from './checks.js'

/** Checks for an AbortSignal by its members, because other realms and libraries have their own classes. Throws `ERR_OPTION`. */
export function checkSignal(option: string, value: unknown): AbortSignal {
  const { aborted, addEventListener, removeEventListener } = readable(option, () => signalLike(value))
  const isSignal = typeof aborted === 'boolean' && [addEventListener, removeEventListener].every(isCallable)
  return isSignal ? (value as AbortSignal) : wrongOption(option, value, 'not-a-signal')
}

/** Reads the `signal` of a call's options. Throws `ERR_OPTION` if it is invalid. */
export function signalOf(
  call: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): AbortSignal | undefined {
  const { signal } = bag<{ signal?: AbortSignal }>(call, options, ['signal'])
  return signal === undefined ? undefined : checkSignal(`${call}.signal`, signal)
}

function signalLike(value: unknown): Partial<Record<'aborted' | 'addEventListener' | 'removeEventListener', unknown>> {
  const { aborted, addEventListener, removeEventListener } = (value ?? {}) as Record<string, unknown>
  return { aborted, addEventListener, removeEventListener }
}

function isCallable(value: unknown): boolean {
  return typeof value === 'function'
}
