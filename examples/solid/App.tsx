import { createSignal, For, from, onCleanup, onMount } from 'solid-js'
import { createConnection, textHeartbeat } from 'statewire'
import { inWords } from '../shared/words.js'

export function App() {
  // On a server only this runs: it dials nothing and starts no timer.
  const connection = createConnection<string>(import.meta.env.VITE_SERVER, {
    autoOpen: false,
    // Short, so you see it at once. The defaults are 20 and 10 seconds.
    heartbeat: textHeartbeat({ interval: 2_000, timeout: 1_000, ping: 'ping', pong: 'pong' }),
  })
  onMount(() => connection.open())
  onCleanup(() => void connection.close())

  const status = from(connection, connection.getSnapshot())
  const [messages, setMessages] = createSignal<string[]>([])
  connection.on('message', (message) => setMessages((all) => [message, ...all].slice(0, 5)))

  const [text, setText] = createSignal('')
  function send(event: SubmitEvent) {
    event.preventDefault()
    connection.send(text()) // queued if there is no link
    setText('')
  }
  return (
    <>
      <output>{inWords(status())}</output>
      <form onSubmit={send}>
        <input value={text()} onInput={(event) => setText(event.target.value)} aria-label="Message" required />{' '}
        <button disabled={!status().willRetry}>Send</button>
      </form>
      <ul>
        <For each={messages()}>{(message) => <li>{message}</li>}</For>
      </ul>
    </>
  )
}
