// Many messages through third-party clients and real brokers, with heartbeat pings among them: none is lost or
// withheld.
import { afterAll, describe, expect, test } from 'vitest'
import { removeDocumented } from '../../docs/documented.js'
import { overs, type Over } from '../../faults/support/room.js'
import { withBroker } from './support/brokers.js'
import { flood, messages } from './support/flood.js'
import { brokered } from './support/keep-alive.js'
import { Prompter, watchedClass } from './support/watched-class.js'

afterAll(removeDocumented)

for (const kind of brokered) {
  withBroker(kind.broker, () => {
    describe.each(overs)(`${kind.name} over $name`, (over: Over) => {
      test(
        `receives ${messages} messages that look like pongs, with pings among them`,
        { timeout: 120_000 },
        async () => {
          const { url } = await kind.broker.start()
          const prompter = new Prompter()
          const { heartbeat, prepare } = await kind.documented()
          const { WebSocket, made } = watchedClass(over, {
            heartbeat: heartbeat!,
            ...(prepare && { prepare }),
            environment: prompter,
          })
          const client = await kind.connect(url, WebSocket)
          await flood({ ...client, ping: () => prompter.ping() })
          const [{ rtts, closes, heard, sent }] = made as [(typeof made)[0]]
          expect(made.length).toBe(1)
          expect(closes).toEqual([])
          expect(rtts.length).toBeGreaterThan(20)
          // Each heartbeat ping was answered, and each answer was delivered.
          expect(kind.count('pong', heard)).toBeGreaterThanOrEqual(rtts.length + kind.count('ping', sent) - 1)
        },
      )
    })
  })
}
