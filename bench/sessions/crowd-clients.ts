// Bare sockets that say hello, so that the node's cost is not hidden by its clients'.
import { WebSocket } from 'ws'
import { sessionId } from './ids.js'

const [port, count] = process.argv.slice(2).map(Number) as [number, number]
/** Sockets that are being opened at once. */
const atOnce = 200
/** Departures in each tenth of a second. */
const departures = new Map<number, number>()
let [welcomed, informed, gone] = [0, 0, 0]

const say = (what: string, value?: unknown): void => void process.send!({ what, value })

function connect(index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, ['resume.v1'], { perMessageDeflate: false })
    socket.on('open', () =>
      socket.send(`h${JSON.stringify({ v: 1, sid: sessionId(index), gen: 1, rx: 0, x: ['topics'] })}`),
    )
    socket.on('message', (data: Buffer) => {
      if (data[0] === 0x77) {
        welcomed++
        resolve()
      } else if (data[0] === 0x74 && ++informed === count) say('topic')
    })
    socket.on('close', () => {
      const tenth = Math.floor(performance.now() / 100)
      departures.set(tenth, (departures.get(tenth) ?? 0) + 1)
      if (++gone === count) say('left', Math.max(...departures.values()))
    })
    socket.on('error', reject)
  })
}

process.on('disconnect', () => process.exit())
let next = 0
const opener = async (): Promise<void> => {
  while (next < count) await connect(next++)
}
await Promise.all(Array.from({ length: atOnce }, opener))
if (welcomed === count) say('welcomed')
