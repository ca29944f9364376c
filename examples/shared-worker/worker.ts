import { createConnection, textHeartbeat } from 'statewire'
import { inWords } from '../shared/words.js'

const connection = createConnection<string>(import.meta.env.VITE_SERVER, {
  // Short, so you see it at once. The defaults are 20 and 10 seconds.
  heartbeat: textHeartbeat({ interval: 2_000, timeout: 1_000, ping: 'ping', pong: 'pong' }),
})
// Reaches every tab. A list of ports would grow, because no event says that a tab is gone.
const tabs = new BroadcastChannel('feed')
const tell = () => {
  const { status } = connection
  tabs.postMessage({ words: inWords(status), willRetry: status.willRetry })
}
connection.subscribe(tell)
connection.on('message', (message) => tabs.postMessage({ message }))
addEventListener('connect', (event) => {
  tell()
  const [port] = (event as MessageEvent).ports
  port!.onmessage = ({ data }: MessageEvent<string>) => void connection.send(data) // queued if there is no link
})
