import type { Weighted } from './draw.js'
import type { Rig } from './rig.js'

/** Something the app, the server or the world does to a link that is open. Nothing here ends it by itself. */
export interface Act {
  readonly name: string
  run(rig: Rig): void
}

/** What a listener that throws may be one of. */
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
          // And one with a signal that outlives every link.
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
          // It rejects if the server refuses the connection meanwhile.
          iterator.next().catch(() => {})
          // While it pauses the socket nothing is read, the end of the link included: what is to end must not wait for that.
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
      return { name: `the world says ${signal}`, run: (rig) => rig.world.say(signal) }
    },
  ],
  [
    1,
    () => ({
      name: 'the world says offline, then online',
      run: (rig) => {
        rig.world.say('offline')
        // Not at the end of the step: nothing is dialled while it is offline.
        setTimeout(() => rig.world.say('online'), 5)
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
