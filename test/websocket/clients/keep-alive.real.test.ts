// Third-party clients with their own keep-alive, on sockets with a heartbeat.
import { afterAll, describe, expect, test } from 'vitest'
import { serverPing, type ConnectionOptions } from '../../../src/index.js'
import { removeDocumented } from '../../docs/documented.js'
import { afterwards, overs, overWs, pause, until, type Over } from '../../faults/support/room.js'
import { withBroker } from './support/brokers.js'
import { brokered, keepAliveKinds, type KeepAliveKind, type KeptAlive } from './support/keep-alive.js'
import { Prompter, watchedClass } from './support/watched-class.js'

afterAll(removeDocumented)

/** The subset of the documented options that `with` accepts. */
async function bound({ documented }: KeepAliveKind): Promise<Pick<ConnectionOptions, 'heartbeat' | 'prepare'>> {
  const { heartbeat, prepare } = await documented()
  return { heartbeat: heartbeat!, ...(prepare && { prepare }) }
}

async function delivers({ heard, publish }: KeptAlive, message: string): Promise<void> {
  await until(() => {
    publish(Buffer.from(message))
    expect(heard.map(String)).toContain(message)
  })
}

for (const kind of keepAliveKinds) {
  withBroker(kind.broker, () => {
    describe.each(overs)(`${kind.name} over $name`, (over: Over) => {
      test('connects, and keeps a healthy link while both kinds of pings are answered', async () => {
        const { url } = await kind.broker.start()
        const prompter = new Prompter()
        const { WebSocket, made } = watchedClass(over, { ...(await bound(kind)), environment: prompter })
        const client = await kind.connect(url, WebSocket)
        await delivers(client, 'before')
        const own = (): number => kind.count('ping', made[0]!.sent)
        // They alternate: each pong postpones the next ping of the other.
        for (let round = 1; round <= 4; round++) {
          const before = own()
          await until(() => expect(own()).toBeGreaterThan(before))
          prompter.ping()
          await until(() => expect(made[0]!.rtts).toHaveLength(round))
        }
        const asked = own() + made[0]!.rtts.length
        await until(() => expect(kind.count('pong', made[0]!.heard)).toBeGreaterThanOrEqual(asked))
        await delivers(client, 'after')
        expect(made.map(({ closes }) => closes)).toEqual([[]])
      })

      // Their servers send only replies and messages.
      if (!brokered.includes(kind) || over !== overWs) return

      test('stays alive through the answers to its own pings, even while it publishes without replies (N01)', async () => {
        const broker = await kind.broker.start()
        const { WebSocket, made } = watchedClass(over, { heartbeat: serverPing({ interval: 1_000, timeout: 2_000 }) })
        const client = await kind.connect(broker.url, WebSocket)
        await delivers(client, 'before')
        const publishing = setInterval(() => client.publishAside!(Buffer.from('x')), 50)
        afterwards(() => clearInterval(publishing))
        // Longer than the heartbeat would allow a silent link: the first of them pings once a second.
        await pause(5_000)
        expect(kind.count('ping', made[0]!.sent)).toBeGreaterThan(2)
        expect(made.map(({ closes }) => closes)).toEqual([[]])
        clearInterval(publishing)
        if (broker.freeze === undefined) return
        broker.freeze()
        // By the heartbeat, or by a client that is quicker.
        await until(() => expect(made[0]!.closes).toMatchObject([{ wasClean: false }]))
        broker.thaw!()
        await delivers(client, 'after')
      })
    })
  })
}
