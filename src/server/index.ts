export type * from './stores/store.js'
