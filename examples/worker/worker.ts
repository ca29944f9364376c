import { createConnection, textHeartbeat } from 'statewire'
import { inWords } from '../shared/words.js'

const connection = createConnection<string>(import.meta.env.VITE_SERVER, {
  // Short, so you see it at once. The defaults are 20 and 10 seconds.
  heartbeat: textHeartbeat({ interval: 2_000, timeout: 1_000, ping: 'ping', pong: 'pong' }),
})
connection.subscribe((status) => postMessage({ words: inWords(status), willRetry: status.willRetry }))
connection.on('message', (message) => postMessage({ message }))

addEventListener('message', ({ data }: MessageEvent<{ send: string } | { close: true }>) => {
  if ('close' in data) void connection.close().then(() => close())
  else connection.send(data.send) // queued if there is no link
})
