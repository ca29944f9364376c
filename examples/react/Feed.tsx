import { useEffect, useState, useSyncExternalStore } from 'react'
import type { Connection } from 'statewire'
import { inWords } from '../shared/words.js'

export function Feed({ connection }: { connection: Connection }) {
  const status = useSyncExternalStore(connection.subscribe, connection.getSnapshot, connection.getSnapshot)
  const [messages, setMessages] = useState<string[]>([])
  useEffect(
    () => connection.on('message', (it) => setMessages((all) => [String(it), ...all].slice(0, 5))),
    [connection],
  )
  const send = (form: FormData) => void connection.send(String(form.get('text')))
  return (
    <>
      <output>{inWords(status)}</output>
      <form action={send}>
        <input name="text" aria-label="Message" required /> <button disabled={!status.willRetry}>Send</button>
      </form>
      <ul>
        {messages.map((message, at) => (
          <li key={at}>{message}</li>
        ))}
      </ul>
    </>
  )
}
