import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium, type CDPSession, type Page } from 'playwright'
import { connectionMachine } from '../machines/index.js'
import { chromiumArgs, chromiumPath } from '../test/support/chromium.js'
import { markdown } from '../test/storm/table.js'

// `npm run bench:viewer`: a thousand connections in the viewer, at increasing event rates. Measures the processor share
// of its page (including the page that posts the events, which shares the process), the longest task, and the delay
// until the last event is shown.

const connections = 1_000
const rates = [0, 100, 1_000, 5_000, 10_000]
/** Seconds per rate. */
const length = 5

const viewer = readFileSync(new URL('../dist/viewer/viewer.html', import.meta.url))
const server = createServer(({ url }, response) => {
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.end(
    url === '/viewer.html' ? viewer : '<!doctype html><style>iframe{width:100vw;height:95vh}</style><iframe></iframe>',
  )
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumArgs })

/** Runs in the page: posts what `observe` would send for that many connections. */
function drive({ connections, definition }: { connections: number; definition: string }): void {
  const frame = document.querySelector('iframe')!
  const value = (heartbeat: string): unknown => ({ live: { open: { heartbeat, stability: 'stable' } } })
  const about = (n: number): object => ({
    sessionId: `x:${n}`,
    rootId: `x:${n}`,
    createdAt: String(Date.now()),
    id: null,
    _version: '0.7.2',
  })
  const snapshot = (heartbeat: string): object => ({
    status: 'active',
    value: value(heartbeat),
    tags: ['OPEN'],
    context: {},
  })
  const post = (message: object): void => frame.contentWindow!.postMessage(message, '*')
  const introduce = (): void => {
    for (let n = 0; n < connections; n++) {
      post({ type: '@xstate.actor', ...about(n), name: `client ${n}`, definition, snapshot: snapshot('resting') })
    }
  }
  /** An event and the resulting state, as for a ping and its reply. */
  const happen = (n: number, waiting: boolean): void => {
    const event = { type: waiting ? 'xstate.after.look.connection.live.open.heartbeat.resting' : 'socket.alive' }
    post({ type: '@xstate.event', ...about(n), event })
    post({ type: '@xstate.snapshot', ...about(n), event, snapshot: snapshot(waiting ? 'waiting' : 'resting') })
  }
  const last = (): Promise<number> =>
    new Promise((resolve) => {
      const began = performance.now()
      post({
        type: '@xstate.actor',
        ...about(connections),
        name: 'the last',
        definition,
        snapshot: snapshot('resting'),
      })
      const look = (): void => {
        const source = frame.contentDocument!.querySelector('#source')!.textContent
        if (source.includes((connections + 1).toLocaleString('en'))) resolve(performance.now() - began)
        else requestAnimationFrame(look)
      }
      look()
    })
  const run = async (rate: number, seconds: number): Promise<{ longest: number; shown: number; posted: number }> => {
    let longest = 0
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest = Math.max(longest, duration)
    })
    observer.observe({ entryTypes: ['longtask'] })
    const began = performance.now()
    let posted = 0
    while (performance.now() - began < seconds * 1_000) {
      const due = Math.floor(((performance.now() - began) * rate) / 1_000)
      for (; posted < due; posted++) happen(posted % connections, Math.floor(posted / connections) % 2 === 0)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const shown = await last()
    observer.disconnect()
    return { longest, shown, posted }
  }
  Object.assign(globalThis, { introduce, run })
}

async function busy(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')!.value
}

async function measure(rate: number): Promise<string[]> {
  const page: Page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const definition = JSON.stringify(connectionMachine.config, (_, value: unknown) =>
    typeof value === 'function' ? {} : value,
  )
  // The script runner wraps functions with a helper that the page lacks.
  await page.evaluate('globalThis.__name = (marked) => marked')
  await page.evaluate(drive, { connections, definition })
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        addEventListener('message', ({ data }) => {
          if ((data as { type?: string }).type === '@statelyai.connected') resolve()
        })
        document.querySelector('iframe')!.src = '/viewer.html'
      }),
  )
  await page.evaluate('introduce()')
  await page.waitForTimeout(2_000)
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  const [before, began] = [await busy(session), performance.now()]
  const { longest, shown, posted } = await page.evaluate<{ longest: number; shown: number; posted: number }>(
    `run(${rate}, ${length})`,
  )
  const share = ((await busy(session)) - before) / ((performance.now() - began) / 1_000)
  await page.close()
  const tasks = longest === 0 ? 'under 50 ms' : `${Math.round(longest)} ms`
  return [
    `${rate}`,
    `${Math.round(posted / length)}`,
    `${(share * 100).toFixed(0)} %`,
    tasks,
    `${Math.round(shown)} ms`,
  ]
}

try {
  const rows: string[][] = []
  for (const rate of rates) rows.push(await measure(rate))
  console.log(
    markdown(['events a second', 'posted', 'of one processor', 'longest task', 'the last one is shown after'], rows),
  )
} finally {
  await browser.close()
  server.close()
}
