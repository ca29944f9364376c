// The engine of a connection that names none. A module of its own, so that tests can run on another.
export { compiledEngine as defaultEngine } from './compiled.js'
