export * from '../../machines/index.js'
export { xstateEngine } from './engine.js'
