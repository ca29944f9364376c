import { useEffect, useState, useSyncExternalStore } from 'react'
import type { Connection } from 'statewire'
import { inWords } from '../shared/words.js'

export function Feed({ connection }: { connection: Connection<string> }) {
  const status = useSyncExternalStore(connection.subscribe, connection.getSnapshot, connection.getSnapshot)
  const [last, setLast] = useState<string[]>([])
  useEffect(() => connection.on('message', (it) => setLast((all) => [it, ...all].slice(0, 5))), [connection])
  const send = (form: FormData) => void connection.send(form.get('text') as string)
  return (
    <>
      <output>{inWords(status)}</output>
      <form action={send}>
        <input name="text" aria-label="Message" required /> <button disabled={!status.willRetry}>Send</button>
      </form>
      <ul>
        {last.map((message, at) => (
          <li key={at}>{message}</li>
        ))}
      </ul>
    </>
  )
}
