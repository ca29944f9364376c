import { ConnectionError, type Connection, type SendData } from '../../../index.js'

type Sender = Pick<Connection, 'send' | 'writable'>

/**
 * Sends every message in order, and reads more input only when the queue has room. Calls `sent` for each accepted
 * message; rejects with `ERR_ENDED` if the connection ends.
 */
export async function sendLines(
  connection: Sender,
  batches: AsyncIterable<readonly SendData[]>,
  sent: (messages: number) => void,
): Promise<void> {
  for await (const batch of batches) {
    for (const message of batch) {
      if (!accepted(connection, message)) await waitAndSend(connection, message)
      sent(1)
    }
  }
}

/** Returns false if the queue is full. */
function accepted(connection: Sender, message: SendData): boolean {
  try {
    connection.send(message)
    return true
  } catch (error) {
    if (error instanceof ConnectionError && error.code === 'ERR_QUEUE_FULL') return false
    throw error
  }
}

/** The writable stream also waits for a message that is larger than the queue. */
async function waitAndSend({ writable }: Sender, message: SendData): Promise<void> {
  const writer = writable.getWriter()
  try {
    await writer.write(message)
  } finally {
    writer.releaseLock()
  }
}
