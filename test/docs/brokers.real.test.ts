// The byte-stream dialects of docs/heartbeats.md, as printed there, with real brokers.
import { afterAll, describe, expect, test } from 'vitest'
import { createConnection, type Connection, type Link } from '../../src/index.js'
import { afterwards, overs, type Over } from '../faults/support/room.js'
import { aedes, mosquitto, natsServer, withBroker, type BrokerKind } from '../websocket/clients/support/brokers.js'
import { flood, messages } from '../websocket/clients/support/flood.js'
import { mqttPackets, natsMessages } from '../websocket/clients/support/streams.js'
import { Prompter } from '../websocket/clients/support/watched-class.js'
import { documented, removeDocumented } from './documented.js'

afterAll(removeDocumented)

/** The minimum of a protocol needed to publish to oneself. */
interface Dialect {
  readonly heading: string
  readonly broker: BrokerKind
  readonly protocols?: string
  subscribe(link: Link): Promise<void>
  publish(connection: Connection, message: Buffer): void
  /** The complete packets received: a publish, or `undefined` for a pong. */
  read(stream: Buffer): { readonly heard: (Buffer | undefined)[]; readonly rest: Buffer }
}

const nats: Dialect = {
  heading: 'NATS',
  broker: natsServer,
  async subscribe(link) {
    await link.read()
    link.send(Buffer.from('CONNECT {"verbose":false}\r\nSUB feed 1\r\n'))
  },
  publish(connection, message) {
    const line = `PUB feed ${message.length}\r\n`
    connection.send(Buffer.concat([Buffer.from(line), message, Buffer.from('\r\n')]))
  },
  read(stream) {
    const { found, rest } = natsMessages(stream)
    const heard = found.flatMap(({ name, payload }) =>
      name === 'MSG' ? [payload] : name === 'PONG' ? [undefined] : [],
    )
    return { heard, rest }
  },
}

const mqttText = (text: string): Buffer => Buffer.concat([Buffer.of(0, text.length), Buffer.from(text)])
const packet = (type: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.of(type, body.length), body])
}

const mqttOver = (broker: BrokerKind): Dialect => ({
  heading: 'MQTT',
  broker,
  protocols: 'mqtt',
  async subscribe(link) {
    // Version 3.1.1, a clean session, a keep alive of a minute.
    link.send(packet(0x10, mqttText('MQTT'), Buffer.of(4, 2, 0, 60), mqttText('statewire')))
    // CONNACK, in any number of frames.
    for (let left = 4; left > 0;) left -= ((await link.read()) as ArrayBuffer).byteLength
    link.send(packet(0x82, Buffer.of(0, 1), mqttText('feed'), Buffer.of(0)))
  },
  publish: (connection, message) => void connection.send(packet(0x30, mqttText('feed'), message)),
  read(stream) {
    const { found, rest } = mqttPackets(stream)
    const heard = found.flatMap(({ type, body }) =>
      type === 0x30 ? [body.subarray(6)] : type === 0xd0 ? [undefined] : [],
    )
    return { heard, rest }
  },
})

for (const dialect of [nats, mqttOver(mosquitto), mqttOver(aedes)]) {
  withBroker(dialect.broker, () => {
    describe.each(overs)(`the profile of ${dialect.heading} over $name`, (over: Over) => {
      test(
        `loses none of ${messages} messages that resemble pongs, and recognizes the pongs among them`,
        { timeout: 120_000 },
        async () => {
          const { url } = await dialect.broker.start()
          const { heartbeat, prepare } = (await documented(dialect.heading))[0]!
          const prompter = new Prompter()
          const heard: Buffer[] = []
          let pongs = 0
          const rtts: number[] = []
          const connection = createConnection(url, {
            transport: over.transport(),
            ...(dialect.protocols !== undefined && { protocols: dialect.protocols }),
            heartbeat: heartbeat!,
            environment: prompter,
            prepare: async (link, context) => {
              await prepare?.(link, context)
              await dialect.subscribe(link)
            },
          })
          afterwards(() => connection.close())
          let rest = Buffer.alloc(0)
          connection.on('message', (frame) => {
            const came = dialect.read(Buffer.concat([rest, Buffer.from(frame as ArrayBuffer)]))
            rest = Buffer.from(came.rest)
            for (const message of came.heard) {
              if (message === undefined) pongs++
              else heard.push(message)
            }
          })
          connection.on('heartbeat', ({ rtt }) => rtts.push(rtt))
          const lost: unknown[] = []
          connection.on('close', (event) => lost.push(event))
          connection.on('error', (event) => lost.push(event))
          await connection.opened()
          await flood({
            heard,
            publish: (message) => dialect.publish(connection, message),
            ping: () => prompter.ping(),
          })
          expect(lost).toEqual([])
          expect(rtts.length).toBeGreaterThan(20)
          // Every pong the profile found is one, and it found all of them.
          expect(pongs).toBe(rtts.length)
        },
      )
    })
  })
}
