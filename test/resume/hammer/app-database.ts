import { createClient } from 'redis'

/**
 * The app's own database. `apply` adds the effects of messages from `first` on. With `tx`, it does so in one step with the number of the
 * last one, and leaves out those that it has.
 */
const applyScript = `
local first = tonumber(ARGV[2])
local from = first
if ARGV[1] == 'tx' then
  local done = tonumber(redis.call('GET', KEYS[1]) or '0')
  if first > done + 1 then return redis.error_reply('a hole after ' .. done .. ' before ' .. first) end
  from = done + 1
end
local last = first + #ARGV - 3
for number = from, last do redis.call('RPUSH', KEYS[2], ARGV[number - first + 3]) end
if ARGV[1] == 'tx' and last >= from then redis.call('SET', KEYS[1], last) end
return last`

type Client = Pick<ReturnType<typeof createClient>, 'get' | 'eval' | 'lRange' | 'destroy'>

export class AppDatabase {
  readonly #client: Client

  private constructor(client: Client) {
    this.#client = client
  }

  static async open(port: number): Promise<AppDatabase> {
    const client = createClient({ socket: { host: '127.0.0.1', port }, disableOfflineQueue: false })
    client.on('error', () => {})
    await client.connect()
    return new AppDatabase(client)
  }

  /** The number of the last message of a session whose effect is here. */
  async processed(id: string): Promise<number> {
    return Number((await this.#client.get(`p:${id}`)) ?? 0)
  }

  async apply(
    effect: 'tx' | 'handler',
    id: string,
    principal: string,
    first: number,
    messages: readonly string[],
  ): Promise<void> {
    await this.#client.eval(applyScript, {
      keys: [`p:${id}`, `e:${principal}`],
      arguments: [effect, String(first), ...messages],
    })
  }

  /** All effects of a client, in order. */
  async effects(principal: string): Promise<Int32Array> {
    return Int32Array.from(await this.#client.lRange(`e:${principal}`, 0, -1), Number)
  }

  close(): void {
    this.#client.destroy()
  }
}
