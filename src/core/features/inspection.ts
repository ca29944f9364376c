import { attachInspector } from '../engine/inspection.js'
import type { InspectionObserver } from '../engine/inspection.types.js'
import type { Connection } from '../connection.types.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes, Part } from '../feature.js'

interface InspectionTypes extends FeatureTypes {
  readonly methods: Pick<Connection, 'inspect'>
}
/** The type of `inspection()`. */
export interface InspectionFeature extends Feature<'inspection', InspectionTypes, never> {}

class Inspection implements Part {
  readonly #core: Core
  readonly #observer: InspectionObserver | undefined

  constructor(core: Core, observer: InspectionObserver | undefined) {
    this.#core = core
    this.#observer = observer
  }

  onReady(): void {
    if (this.#observer !== undefined) this.inspect(this.#observer)
  }

  inspect(observer: InspectionObserver): () => void {
    const core = this.#core
    let off = (): void => {}
    core.run(() => (off = attachInspector(core.engine, core, observer)))
    return () => off()
  }
}

/**
 * Adds `inspect()`, which sends inspection events of the chart in XState's protocol. They contain no URL, payload or other secret.
 *
 * @param observer Subscribed from the start.
 */
export const inspection = (observer?: InspectionObserver): InspectionFeature => ({
  name: 'inspection',
  members: ['inspect'],
  attach: (core) => new Inspection(core, observer),
})
