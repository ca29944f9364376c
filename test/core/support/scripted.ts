import type { ConnectionContext, ConnectionEvent } from '../../../machines/connection.types.js'
import type { CoreOptions } from '../../../src/core/connected.js'
import { Attempt } from '../../../src/core/attempt.js'
import { Core } from '../../../src/core/core.js'
import type { ChartState, EngineHost, MakeEngine } from '../../../src/core/engine/engine.types.js'
import type { AnyFeature, Part } from '../../../src/core/feature.js'
import type { UrlSource } from '../../../src/core/target/provider.types.js'
import { TestClock } from '../../../src/tools/testing/clock.js'
import { FakeTransport, type FakeTransportOptions } from '../../../src/tools/testing/transport.js'
import type { Socket } from '../../../src/core/transport.js'

export type ScriptedOptions = Partial<CoreOptions> & {
  readonly url?: UrlSource
  readonly fake?: FakeTransportOptions
  /** The chart's current state. @default 'idle' */
  readonly state?: ChartState
}

export interface Scripted {
  readonly core: Core
  readonly clock: TestClock
  readonly transport: FakeTransport
  /** The effects that the chart can request. */
  readonly host: EngineHost
  /** The events that the chart received, in order. */
  readonly chartEvents: ConnectionEvent[]
  /** The reports: code, subject, cause. */
  readonly reported: unknown[]
  /** The app's events of this type. */
  events(type: string): unknown[]
  /** An attempt with this socket, open and prepared. The queue is flushed. */
  attach(socket: Socket): Attempt
}

/** The test takes the place of the chart: it receives the chart's events and requests its effects. */
export function scripted({
  url = 'ws://server.test/x',
  fake,
  state = 'idle',
  ...options
}: ScriptedOptions = {}): Scripted {
  const clock = new TestClock()
  const transport = new FakeTransport(fake)
  const chartEvents: ConnectionEvent[] = []
  let host: EngineHost | undefined
  const context: ConnectionContext = {
    host: undefined as never,
    gen: 7,
    failures: 0,
    wait: 0,
    hinted: false,
    lastCount: 0,
    why: 'new',
  }
  const engine: MakeEngine = (given) => {
    host = given
    return {
      snapshot: { state, value: {}, context, hasTag: () => false },
      start() {},
      send: (event) => void chartEvents.push(event),
      stop() {},
    }
  }
  const core = new Core(url, { clock, transport, random: () => 0.5, engine, autoOpen: false, ...options })
  const reported: unknown[] = []
  core.events.add('error', ({ code, message, cause }) => void reported.push([code, what(message), cause]))
  return {
    core,
    clock,
    transport,
    host: host!,
    chartEvents,
    reported,
    events(type) {
      const heard: unknown[] = []
      core.events.add(type, (event) => void heard.push(event))
      return heard
    },
    attach(socket) {
      const attempt = (core.attempt = new Attempt(7, core))
      attempt.socket = socket
      attempt.ready = true
      core.flush()
      return attempt
    },
  }
}

/** The subject of a sentence such as `retry failed: see the cause`. */
function what(message: string): string {
  return message.replace(/ failed.*/s, '')
}

/** A feature with only this part. */
export const feature = (part: Part, name = 'sample'): AnyFeature => ({ name, attach: () => part })
