interface NodeLike {
  listeners(type: string): ((thrown: unknown) => void)[]
  removeAllListeners(type: string): void
  on(type: string, listener: (thrown: unknown) => void): void
}

/** In Node, an exception of a listener is an uncaught exception, which a test runner would take for its own. */
function byProcess(process: NodeLike, provoke: () => void): Promise<unknown> {
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  return new Promise((resolve, reject) => {
    const settle = (thrown?: unknown): void => {
      process.removeAllListeners('uncaughtException')
      for (const each of others) process.on('uncaughtException', each)
      if (thrown === undefined) reject(new Error('nothing was reported'))
      else resolve(thrown)
    }
    process.on('uncaughtException', settle)
    provoke()
    setTimeout(settle, 50)
  })
}

/** Pages and workers: the `error` event of the global scope; the listener marks it as expected for the runner. */
function byEvent(provoke: () => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const received = (event: Event): void => {
      event.preventDefault()
      settle((event as ErrorEvent).error)
    }
    const settle = (thrown?: unknown): void => {
      globalThis.removeEventListener('error', received)
      if (thrown === undefined) reject(new Error('nothing was reported'))
      else resolve(thrown)
    }
    globalThis.addEventListener('error', received)
    provoke()
    setTimeout(settle, 50)
  })
}

/**
 * The same for listeners of the drop-in class: as the platform does in pages and workers of browsers; through the
 * console elsewhere, since there the platform ends the process.
 */
export function reportedByClass(provoke: () => void): Promise<unknown> {
  const { process } = globalThis as { process?: { versions?: { node?: string } } }
  const isBrowser =
    ('document' in globalThis || 'WorkerLocation' in globalThis) && process?.versions?.node === undefined
  return isBrowser ? byEvent(provoke) : byConsole(provoke)
}

function byConsole(provoke: () => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const { error } = console
    console.error = resolve
    try {
      provoke()
    } finally {
      console.error = error
    }
    reject(new Error('nothing was reported'))
  })
}

/** Runs code that makes a listener throw, and returns what the platform reports. */
export function reported(provoke: () => void): Promise<unknown> {
  const { process, Deno } = globalThis as { process?: NodeLike; Deno?: unknown }
  const isNode = Deno === undefined && typeof process?.listeners === 'function'
  return isNode ? byProcess(process, provoke) : byEvent(provoke)
}
