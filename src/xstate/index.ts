export * from '../../machines/index.js'
export type {
  ChartState,
  ConnectionSnapshot,
  Engine,
  EngineObserver,
  EngineHost,
  EngineTimers,
  MakeEngine,
} from '../core/engine/engine.types.js'
export { xstateEngine } from './engine.js'
