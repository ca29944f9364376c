import { Core } from './core/core.js'
import type { AnyFeature } from './core/feature.js'
import { prepare } from './core/features/prepare.js'
import { until } from './core/features/until.js'
import { GuardedClock } from './core/time/guarded-clock.js'
import { systemClock } from './core/time/clock.js'
import type { Settings } from './options.js'
import { LiveHeartbeat } from './core/policies/live-heartbeat.js'

// Shared by `createConnection` and `ReconnectingWebSocket`.

/** Creates a core with these features, then those that options require, then the app's. */
export function assemble(settings: Settings, builtIn: readonly AnyFeature[]): Core {
  const { prepare: hook, signal, clock, heartbeat } = settings
  const guarded = clock === systemClock ? undefined : new GuardedClock(clock)
  const features = [...builtIn]
  if (hook !== undefined) features.push(prepare(hook))
  if (signal !== undefined) features.push(until(signal))
  features.push(...settings.features)
  const core = new Core(settings.url, { ...settings, queue: undefined, clock: guarded ?? clock, features })
  if (guarded !== undefined) guarded.core = core
  if (heartbeat instanceof LiveHeartbeat) heartbeat.reporter = core
  return core
}
