// Sessions: `statewire/resume` and `statewire/server`.

export const sessions = {
  ERR_SESSION_LOST: {
    lost: (reason: string) =>
      `the session was lost (${reason}), so messages sent before may not have been handled: the 'continuity' event lists them`,
    plain: () =>
      'the server does not support sessions, so it confirms no delivery: use a server with resume.v1, or have it answer your messages',
  },
  ERR_SESSION_ENDED: {
    'session-ended': (call: string) =>
      `${call}: the session is over, so the message will not arrive: listen to 'ended', and stop sending then`,
    'session-over': () => 'the session is over on this node: it ended, or another node has it',
    'server-ended': (call: string) => `${call}: the session server is closed`,
  },
  ERR_SESSION_FULL: {
    'outbox-full': () =>
      "the session's outbox is full, so the message will not arrive: send less, raise outbox, or choose another outbox.overflow",
  },
  ERR_STORE: {
    'store-failed': (call: string) => `${call}: the session store failed, so its effect is unknown: see the cause`,
    'store-unreachable': () => 'the session store could not be opened: see the cause',
  },
  ERR_HANDLER: {
    'handler-threw': (number: number) =>
      `the handler of message ${number} threw, so its effect is unknown: see the cause`,
  },
}
