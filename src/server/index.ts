export { memoryStore, type MemoryStoreOptions } from './stores/memory.js'
export type * from './stores/store.js'
