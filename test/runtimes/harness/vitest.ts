// Replaces `vitest` in bundles for runtimes without it: its own runner and assertions, without the process around them.
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  customMatchers,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
  type ExpectStatic,
} from '@vitest/expect'

export { afterAll, afterEach, beforeAll, beforeEach, describe, it, test } from '@vitest/runner'

chai.use(JestExtend)
chai.use(JestChaiExpect)
chai.use(JestAsymmetricMatchers)

interface Patience {
  readonly timeout?: number
  readonly interval?: number
}

/** Retries until it no longer throws. */
async function waitFor<T>(check: () => T | Promise<T>, { timeout = 1_000, interval = 50 }: Patience = {}): Promise<T> {
  const until = performance.now() + timeout
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, interval))
    }
  }
}

const assert = (value: unknown, message?: string): unknown => chai.expect(value, message)

/** Reads the value again until the assertion holds. */
function poll(value: () => unknown, patience?: Patience): unknown {
  const say = (matcher: string, args: unknown[]): Promise<unknown> =>
    waitFor(async () => {
      const assertion = chai.expect(await value()) as unknown as Record<string, (...args: unknown[]) => unknown>
      return assertion[matcher]!(...args)
    }, patience)
  return new Proxy(
    {},
    {
      get:
        (_, matcher: string) =>
        (...args: unknown[]) =>
          say(matcher, args),
    },
  )
}

export const expect = Object.assign(
  assert,
  chai.expect,
  (globalThis as Record<symbol, object>)[ASYMMETRIC_MATCHERS_OBJECT],
  { poll, unreachable: (message = 'this must not be reached'): never => chai.assert.fail(message) },
) as unknown as ExpectStatic
Object.assign(globalThis, { [GLOBAL_EXPECT]: expect })
;(chai.expect as unknown as { extend(on: unknown, matchers: object): void }).extend(expect, customMatchers)
setState({ assertionCalls: 0, isExpectingAssertions: false, expectedAssertionsNumber: null }, expect)

export const vi = { waitFor }
