// Decodes as much of a byte stream as has arrived, for comparison with the heartbeat's classification.

interface Parsed<T> {
  readonly found: T[]
  /** The beginning of an incomplete packet. */
  readonly rest: Buffer
}

export interface MqttPacket {
  /** The first byte. */
  readonly type: number
  readonly body: Buffer
}

export function mqttPackets(stream: Buffer): Parsed<MqttPacket> {
  const found: MqttPacket[] = []
  let rest = stream
  for (;;) {
    let [at, length] = [1, 0]
    for (let shift = 0, more = true; more; shift += 7) {
      if (at >= rest.length) return { found, rest }
      more = rest[at]! >= 128
      length += (rest[at++]! & 127) << shift
    }
    if (rest.length < at + length) return { found, rest }
    found.push({ type: rest[0]!, body: rest.subarray(at, at + length) })
    rest = rest.subarray(at + length)
  }
}

export interface NatsMessage {
  /** `MSG`, `PONG` and so on. */
  readonly name: string
  readonly payload: Buffer
}

export function natsMessages(stream: Buffer): Parsed<NatsMessage> {
  const found: NatsMessage[] = []
  let rest = stream
  for (;;) {
    const end = rest.indexOf('\r\n')
    if (end === -1) return { found, rest }
    const [name = '', ...words] = rest.toString('latin1', 0, end).split(' ')
    const hasPayload = ['MSG', 'HMSG', 'PUB'].includes(name)
    const length = hasPayload ? Number(words.at(-1)) : 0
    const over = end + 2 + (hasPayload ? length + 2 : 0)
    if (rest.length < over) return { found, rest }
    found.push({ name, payload: rest.subarray(end + 2, end + 2 + length) })
    rest = rest.subarray(over)
  }
}
