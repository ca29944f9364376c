import type { Life } from './app-life.js'

/** What a scene uses. */
export interface Stage {
  connect(name: string, options?: Parameters<typeof import('./app-life.js').connect>[0]): Life
  accept(life: Life): Promise<void>
  pass(lives: readonly Life[], time: number, rtt?: (at: number) => number): Promise<void>
}

const answered =
  (base: number) =>
  (at: number): number =>
    base + ((at / 50) % 7) * 3

/** Messages in both directions, at a varying rate. */
function talk({ connection, transport }: Life, beat: number): void {
  if (connection.state !== 'open') return
  const amount = Math.round(6 + 4 * Math.sin(beat / 9) + (beat % 2))
  for (let at = 0; at < amount; at++) transport.last.message('tick')
  for (let at = 0; at < amount / 3; at++) connection.send('order')
}

async function warmUp(stage: Stage): Promise<{ feed: Life; prices: Life; orders: Life }> {
  const feed = stage.connect('trades')
  const prices = stage.connect('prices')
  const orders = stage.connect('orders')
  for (const life of [feed, prices, orders]) await stage.accept(life)
  for (let beat = 0; beat < 44; beat++) {
    if (beat === 18) orders.transport.last.end({ code: 1012 })
    if (beat === 21) await stage.accept(orders)
    for (let quarter = 0; quarter < 4; quarter++) {
      // Pauses, so that there are pings.
      if (beat % 22 < 9) talk(feed, beat * 4 + quarter)
      await stage.pass([feed, prices, orders], 250, answered(14 + (beat % 5) + quarter * 2))
    }
  }
  return { feed, prices, orders }
}

export async function open(stage: Stage): Promise<void> {
  const { feed, prices, orders } = await warmUp(stage)
  for (let beat = 0; beat < 14; beat++) {
    talk(feed, beat)
    await stage.pass([feed, prices, orders], 250, answered(24))
  }
}

/** The first connection's link goes silent, and the next attempts fail. */
export async function backoff(stage: Stage): Promise<void> {
  const { feed, prices, orders } = await warmUp(stage)
  for (let beat = 0; beat < 8; beat++) {
    feed.connection.send('into the void')
    await stage.pass([prices, orders], 1_000, answered(22))
  }
  const others = [prices, orders]
  for (let refused = 0; refused < 3;) {
    await stage.pass(others, 500, answered(25))
    if (feed.connection.state !== 'connecting') continue
    refused++
    feed.transport.last.refuse({ status: refused === 3 ? 503 : 502 })
    feed.connection.send('waits')
  }
  await stage.pass(others, 900, answered(25))
}

/** The first connection's link went silent and has just been dropped. */
export async function halfOpen(stage: Stage): Promise<void> {
  const { feed, prices, orders } = await warmUp(stage)
  while (feed.connection.state === 'open') {
    feed.connection.send('into the void')
    await stage.pass([prices, orders], 250, answered(22))
  }
  await stage.pass([prices, orders], 250, answered(22))
}

/** A thousand connections, some in every state. */
export async function many(stage: Stage): Promise<void> {
  const lives = Array.from({ length: 1_000 }, (_, at) => stage.connect(`client ${String(at + 1).padStart(4, '0')}`))
  await stage.pass([], 250)
  for (const [at, life] of lives.entries()) if (at % 17 !== 5) life.transport.last.accept()
  await stage.pass([], 6_000)
  for (const [at, life] of lives.entries()) {
    if (at % 13 === 3) life.transport.last.end({ code: 1006 })
    if (at % 29 === 7) life.transport.last.end({ code: 1012 })
    if (at % 97 === 11) void life.connection.close()
    if (at % 41 === 2) life.world.tell('offline')
  }
  await stage.pass(
    lives.filter((_, at) => at % 6 !== 1),
    3_500,
    () => 5,
  )
  for (const [at, life] of lives.entries())
    if (at % 2 === 0 && life.connection.state === 'connecting') life.transport.last.accept()
  await stage.pass(
    lives.filter((_, at) => at % 6 !== 1),
    2_000,
    () => 5,
  )
}
