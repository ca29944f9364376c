// Reported as `error` events: a function or value supplied by the app threw.

const failed = (what: string): string => `${what} failed: see the cause`
const promised = (): string => 'it returned a promise, but must return its result synchronously'

export const reports = {
  ERR_LISTENER: { failed },
  ERR_INSPECTOR: { failed },
  ERR_DECODE: { failed, promised },
  ERR_POLICY: {
    failed,
    promised,
    'not-a-decision': (what: string, type: string) => `${what} returned ${type}, not a boolean or undefined`,
    'not-a-delay': (value: string) => `backoff returned ${value}, not a number of milliseconds, 0 or more`,
    'not-a-message': (type: string) => `heartbeat.ping returned ${type}, which cannot be sent`,
  },
  ERR_ENVIRONMENT: {
    failed,
    'not-a-signal': (type: string) => `notify was called with ${type}, not the name of a signal`,
    'not-random': (value: string) => `random() returned ${value}, not a number from 0 up to but not including 1`,
    'not-a-time': (method: string, value: string) => `clock.${method}() returned ${value}`,
    'not-a-timer': () => 'clock.setTimeout returned a promise, but must return a handle synchronously',
  },
  ERR_INTERNAL: {
    failed,
    defect: () => 'a defect in statewire ended the connection: please report it with its cause',
  },
}
