import { ConnectionError, type Connection, type SendData } from '../../../index.js'

type Sender = Pick<Connection, 'send' | 'writable'>

/**
 * Sends every message, in order, and takes the next ones only when there is room: with a link that is down or slow, the input waits.
 * Resolves to how many were accepted; rejects with `ERR_ENDED` when the connection is over.
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

/** False: the queue is full. */
function accepted(connection: Sender, message: SendData): boolean {
  try {
    connection.send(message)
    return true
  } catch (error) {
    if (error instanceof ConnectionError && error.code === 'ERR_QUEUE_FULL') return false
    throw error
  }
}

/** The stream knows what to wait for, also for a message that is larger than the queue. */
async function waitAndSend({ writable }: Sender, message: SendData): Promise<void> {
  const writer = writable.getWriter()
  try {
    await writer.write(message)
  } finally {
    writer.releaseLock()
  }
}
