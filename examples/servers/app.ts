// What the servers of this folder share: who may connect, and what happens with a message.
import { createHash } from 'node:crypto'
import type { HelloContext, Identity, Session } from 'statewire/server'

/** Hashes of the tokens that your sign-in hands out, and whose they are. */
const accounts = new Map([[hash('demo'), 'alice']])

function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

export function authenticate({ auth }: HelloContext): Identity<unknown> | undefined {
  const principal = typeof auth === 'string' ? accounts.get(hash(auth)) : undefined
  return principal === undefined ? undefined : { principal }
}

/** Answers each message. Until the answer is stored, the message isn't acknowledged. */
export function serve(session: Session): void {
  session.on('message', (message) => session.send(message))
}

export const port = Number(process.env['PORT'] ?? 8080)
