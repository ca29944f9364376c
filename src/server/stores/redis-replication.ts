import type { RedisSettings } from './redis-client.js'

/** For a cluster, the key comes first, and whether it is only read. */
interface Sender {
  sendCommand(...given: unknown[]): Promise<unknown>
  readonly socketEpoch?: number
}

/** Waits until enough replicas have all that was written so far. */
export class Replication {
  readonly #settings: Pick<RedisSettings, 'client' | 'wait' | 'lease'>
  /** What the calls of this turn wait for. */
  #current: Promise<void> | undefined

  constructor(settings: Pick<RedisSettings, 'client' | 'wait' | 'lease'>) {
    this.#settings = settings
  }

  /** `key`: one that was written, which chooses the node of a cluster. */
  wait(key: string): Promise<void> {
    if ('nodeClient' in this.#settings.client) return this.#wait(key)
    this.#current ??= Promise.resolve().then(() => {
      this.#current = undefined
      return this.#wait()
    })
    return this.#current
  }

  async #wait(key?: string): Promise<void> {
    const { wait, lease } = this.#settings
    const client = this.#settings.client as unknown as Sender
    const socket = client.socketEpoch
    const command = ['WAIT', String(wait), String(lease)]
    const count = Number(
      await (key === undefined ? client.sendCommand(command) : client.sendCommand(key, false, command)),
    )
    if (count < wait) throw new Error(`only ${count} of ${wait} Redis replicas have confirmed the change`)
    // A new connection may be to another server, which doesn't have what was written to the first.
    if (client.socketEpoch !== socket) throw new Error('Redis was reconnected before replicas confirmed the change')
  }
}
