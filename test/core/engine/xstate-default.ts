// Takes the place of src/core/engine/default.ts in the test project node-xstate.
export { xstateEngine as defaultEngine } from '../../../src/xstate/engine.js'
