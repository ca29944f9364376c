// The default engine. A separate module, so tests can replace it.
export { compiledEngine as defaultEngine } from './compiled.js'
