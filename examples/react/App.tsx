import { useEffect, useState } from 'react'
import { createConnection, textHeartbeat } from 'statewire'
import { Feed } from './Feed.js'

// Short, so you see it at once. The defaults are 20 and 10 seconds.
const heartbeat = textHeartbeat({ interval: 2_000, timeout: 1_000, ping: 'ping', pong: 'pong' })

/** Owns the connection: creates it idle while rendering, opens it in an effect, closes it in the cleanup. */
export function App() {
  const [connection] = useState(() =>
    createConnection<string>(import.meta.env.VITE_SERVER, { autoOpen: false, heartbeat }),
  )
  useEffect(() => {
    connection.open()
    return () => void connection.close()
  }, [connection])
  return <Feed connection={connection} />
}
