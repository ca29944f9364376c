import { bag, wrongOption } from '../../core/checks.js'
import { plainClock, type Clock } from '../../core/time/timers.js'
import { MemoryNode } from './memory-node.js'
import { MemoryState } from './memory-state.js'
import type { SessionStore } from './store.js'

export interface MemoryStoreOptions {
  /** Measures how long sessions, tombstones and keys are kept. Pass a `TestClock` in tests. @default the runtime's own clock */
  clock?: Clock | undefined
}

/**
 * Keeps sessions in this process. They survive links, but not the process: afterwards, clients learn `lost: unknown`.
 *
 * Several session servers of one process may share it; sessions then move between them. A topic is kept as long as the store.
 *
 * @throws ConnectionError `ERR_OPTION`.
 */
export function memoryStore(options: MemoryStoreOptions = {}): SessionStore {
  const { clock = plainClock } = bag<MemoryStoreOptions>('memoryStore', options, ['clock'])
  for (const name of ['now', 'setTimeout', 'clearTimeout'] as const) {
    if (typeof (clock as Partial<Clock> | null)?.[name] !== 'function')
      wrongOption('memoryStore.clock', clock, 'not-an-object-with', 'now, setTimeout, clearTimeout')
  }
  const state = new MemoryState(clock)
  return {
    async open(node, events) {
      if (node.name.includes('/') || state.nodes.has(node.name))
        throw new Error('the name of a node must be unique, without a slash')
      const opened = new MemoryNode(state, node, events)
      state.entered(opened)
      return opened
    },
  }
}
