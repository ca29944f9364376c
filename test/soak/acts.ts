import type { Weighted } from './draw.js'
import type { Rig } from './rig.js'

/** Something that the app, the server or the environment does to an open link. None of these ends it. */
export interface Act {
  readonly name: string
  run(rig: Rig): void
}

/** The kinds of listeners that can throw. */
const heard = ['open', 'message', 'close', 'backoff', 'state', 'heartbeat', 'drain', 'dropped'] as const

const news = ['visible', 'hidden', 'online', 'resume', 'woke'] as const

export const acts: readonly Weighted<Act>[] = [
  [
    30,
    (draw) => {
      const count = draw.whole(1, 8)
      const size = draw.of([0, 0, 20, 2_000, 20_000])
      const binary = draw.chance(0.3)
      return {
        name: `send ${count} × ${size}${binary ? ' binary' : ''}`,
        run: (rig) => {
          for (let n = 0; n < count; n++) rig.send({ size, binary })
        },
      }
    },
  ],
  [
    10,
    (draw) => {
      const count = draw.whole(1, 10)
      return { name: `server says ${count}`, run: (rig) => rig.say(count) }
    },
  ],
  [
    8,
    (draw) => {
      const ttl = draw.of([1, 20, 1_000])
      return {
        name: `send with ttl ${ttl}, and by key`,
        run: (rig) => {
          rig.send({ ttl })
          rig.send({ key: 'latest' })
          rig.send({ key: 'latest' })
        },
      }
    },
  ],
  [
    6,
    (draw) => {
      const type = draw.of(heard)
      const once = draw.chance(0.5)
      return {
        name: `listen to ${type} with a signal${once ? ', once' : ''}`,
        run: (rig) => {
          const controller = new AbortController()
          rig.connection.on(type, () => {}, { once, signal: controller.signal })
          // And a listener with a signal that outlives every link.
          rig.later(rig.connection.on(type, () => {}, { once, signal: rig.signal }))
          rig.later(() => controller.abort())
        },
      }
    },
  ],
  [
    6,
    (draw) => {
      const type = draw.of(heard)
      const rejects = draw.chance(0.5)
      return {
        name: `a listener of ${type} that ${rejects ? 'rejects' : 'throws'}`,
        run: (rig) => {
          const error = new Error('a bug of the app')
          rig.later(
            rig.connection.on(type, () => {
              if (rejects) return Promise.reject(error)
              throw error
            }),
          )
        },
      }
    },
  ],
  [
    6,
    (draw) => {
      const overflow = draw.of(['pause', 'drop-oldest', 'drop-newest'] as const)
      const byReturn = draw.chance(0.5)
      return {
        name: `an iterator, ${overflow}, ended by ${byReturn ? 'return()' : 'its signal'}`,
        run: (rig) => {
          const controller = new AbortController()
          const iterator = rig.connection.messages({ limit: 2, overflow, signal: controller.signal })
          // Rejects if the server refuses the connection meanwhile.
          iterator.next().catch(() => {})
          // A paused socket reads nothing, including the end of the link, so the ending must not wait for it.
          setTimeout(() => (byReturn ? void iterator.return!() : controller.abort()), 10)
        },
      }
    },
  ],
  [
    4,
    () => ({
      name: 'wait for opened(), drained() and ended()',
      run: (rig) => {
        const controller = new AbortController()
        const { signal } = controller
        for (const waiting of [
          rig.connection.opened({ signal }),
          rig.connection.drained(),
          rig.connection.ended({ signal }),
        ]) {
          waiting.catch(() => {})
        }
        rig.later(() => controller.abort())
      },
    }),
  ],
  [
    3,
    (draw) => {
      const signal = draw.of(news)
      return { name: `the environment reports ${signal}`, run: (rig) => rig.environment.emit(signal) }
    },
  ],
  [
    1,
    () => ({
      name: 'the environment reports offline, then online',
      run: (rig) => {
        rig.environment.emit('offline')
        // Not at the end of the step: the connection does not dial while offline.
        setTimeout(() => rig.environment.emit('online'), 5)
      },
    }),
  ],
  [
    1,
    (draw) => {
      const ms = draw.whole(20, 120)
      return {
        name: `the event loop is blocked for ${ms} ms`,
        run: () => {
          const until = performance.now() + ms
          while (performance.now() < until) continue
        },
      }
    },
  ],
]
