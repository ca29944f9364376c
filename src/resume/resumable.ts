import { count, isFunction, oneOf, wrongOption } from '../core/checks.js'
import { checkListenOptions } from '../core/features/checks.js'
import { signalOf } from '../core/signal-options.js'
import type { SendData } from '../core/transport.js'
import { ContinuityListeners } from './continuity-listeners.js'
import { resolveResume } from './options.js'
import type { ResumeOptions, ResumeSession } from './resume.types.js'
import { SessionPart } from './session-part.js'

/**
 * Makes a session, which spans links, servers and nodes: while it lives, each accepted message is delivered once and in order, in both
 * directions. The server must support it; `statewire/server` does. Pass it to one connection, after the other features.
 *
 * @throws ConnectionError `ERR_OPTION` for an invalid option, and `ERR_MISSING_PEER` if the runtime has no global `crypto`. The connection
 * throws `ERR_OPTION` if another one has this session, or if it has a `heartbeat` although `required` is true: the session has its own.
 */
export function resumable<Out = SendData>(options: ResumeOptions = {}): ResumeSession<Out> {
  const settings = resolveResume(options)
  const listeners = new ContinuityListeners()
  const part = new SessionPart(settings, listeners)
  const { session } = part
  return {
    name: 'resumable',
    events: ['continuity'],
    attach: (core) => part.attach(core),
    get id() {
      return session.id
    },
    get state() {
      return session.state
    },
    get unacknowledged() {
      const { size: messages, bytes } = session.outbox
      return { messages, bytes }
    },
    get counters() {
      return { ...session.counters }
    },
    get number() {
      return session.number
    },
    received(number, id) {
      if (!settings.manual) wrongOption('received', number, 'not-manual')
      count('received.number', number)
      if (id !== undefined && id !== session.id) return
      session.receive(number)
    },
    async delivered(given) {
      return session.delivered(signalOf('delivered', given))
    },
    on(type, listener, given) {
      oneOf('type', type, ['continuity'])
      isFunction('listener', listener)
      return listeners.add(listener, checkListenOptions(given ?? {}))
    },
  }
}
