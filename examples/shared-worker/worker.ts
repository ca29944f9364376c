import { createConnection, textHeartbeat } from 'statewire'
import { inWords } from '../shared/words.js'

const connection = createConnection<string>(import.meta.env.VITE_SERVER, {
  // Short, so that you see it at once; the defaults are 20 and 10 seconds.
  heartbeat: textHeartbeat({ interval: 2_000, timeout: 1_000, ping: 'ping', pong: 'pong' }),
})
// Reaches every tab. A list of ports would grow: no event tells that the tab of one is gone.
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
  port!.onmessage = ({ data }: MessageEvent<string>) => void connection.send(data) // or kept until there is a link
})
