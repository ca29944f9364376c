import type { CoreOptions } from '../../../src/core/connected.js'
import { Core } from '../../../src/core/core.js'
import type { AnyFeature, Part } from '../../../src/core/feature.js'
import type { ConnectionError } from '../../../src/core/errors.js'
import { fixedBackoff } from '../../../src/core/policies/backoff.js'
import { settle, TestClock } from '../../../src/tools/testing/clock.js'
import { FakeTransport, type FakeSocket, type FakeTransportOptions } from '../../../src/tools/testing/transport.js'

export interface Linked {
  readonly core: Core
  readonly clock: TestClock
  readonly transport: FakeTransport
  /** The reports: code and cause. */
  readonly reported: unknown[]
  /** Lets it dial and the server accept. */
  accept(protocol?: string): Promise<FakeSocket>
  /** Loses the link and starts the next attempt. */
  lose(): Promise<void>
}

/** A complete core with the real chart, in an environment where nothing happens by itself. */
export function linked(
  features: readonly AnyFeature[],
  options: Partial<CoreOptions> & { readonly fake?: FakeTransportOptions } = {},
): Linked {
  const { fake, ...rest } = options
  const clock = new TestClock()
  const transport = new FakeTransport(fake)
  const reported: unknown[] = []
  const core = new Core('ws://server.test/', {
    transport,
    clock,
    random: () => 0.5,
    backoff: fixedBackoff(100),
    features: [
      ...features,
      {
        name: 'reports',
        attach: (attached) => {
          attached.events.add('error', (error: ConnectionError) => void reported.push([error.code, error.cause]))
          return {}
        },
      },
    ],
    ...rest,
  })
  return {
    core,
    clock,
    transport,
    reported,
    async accept(protocol = '') {
      await settle()
      transport.last.accept({ protocol })
      await settle()
      return transport.last
    },
    async lose() {
      transport.last.end({ code: 1006 })
      await clock.advance(100)
    },
  }
}

/** A feature with only this part, created per connection. */
export const sample = (part: Part | ((core: Core) => Part), name = 'sample'): AnyFeature => ({
  name,
  attach: (core) => (typeof part === 'function' ? part(core) : part),
})
