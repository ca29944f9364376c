import { createSignal, For, from, onCleanup, onMount } from 'solid-js'
import { createConnection, textHeartbeat } from 'statewire'
import { inWords } from '../shared/words.js'

export function App() {
  // On the server this is as far as it gets: nothing is dialled, no timer runs.
  const connection = createConnection(import.meta.env.VITE_SERVER, {
    autoOpen: false,
    // Short, so that you see it at once; the defaults are 20 and 10 seconds.
    heartbeat: textHeartbeat({ interval: 2_000, timeout: 1_000, ping: 'ping', pong: 'pong' }),
  })
  onMount(() => connection.open())
  onCleanup(() => void connection.close())

  const status = from(connection, connection.getSnapshot())
  const [messages, setMessages] = createSignal<string[]>([])
  connection.on('message', (message) => setMessages((all) => [String(message), ...all].slice(0, 5)))

  const [text, setText] = createSignal('')
  function send(event: SubmitEvent) {
    event.preventDefault()
    connection.send(text()) // or kept until there is a link
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
