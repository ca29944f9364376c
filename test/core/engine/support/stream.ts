import type { Engine } from '../../../../src/core/engine/engine.types.js'
import { attachInspector } from '../../../../src/core/engine/inspection.js'
import type { InspectedActor } from '../../../../src/core/engine/inspection.types.js'

/** An engine's reports to an inspector, as text: session ids by order of appearance, the rest unchanged. */
export class Stream {
  readonly reports: string[] = []
  readonly #sessions = new Map<string, string>()
  readonly #off: () => void

  constructor(engine: Engine) {
    const tasks = {
      enqueue: (task: () => void) => task(),
      fail: (code: string, what: string, thrown: unknown) =>
        void this.reports.push(`${code} ${what} ${String(thrown)}`),
    }
    this.#off = attachInspector(engine, tasks, (event) => {
      this.reports.push(
        JSON.stringify({
          ...event,
          rootId: this.#session(event.rootId),
          actorRef: this.#actor(event.actorRef),
          ...('sourceRef' in event && { sourceRef: event.sourceRef && this.#actor(event.sourceRef) }),
        }),
      )
    })
  }

  stop(): void {
    this.#off()
  }

  #session(id: string): string {
    const known = this.#sessions.get(id) ?? `session ${this.#sessions.size}`
    this.#sessions.set(id, known)
    return known
  }

  #actor({ id, sessionId, _parent, logic, getSnapshot, ...rest }: InspectedActor): object {
    return {
      ...rest,
      // A root actor has its session id as its name.
      id: id === sessionId ? this.#session(id) : id,
      sessionId: this.#session(sessionId),
      parent: _parent && this.#session(_parent.sessionId),
      // The definition is the same object each time, and compared elsewhere.
      logic: logic && Object.keys(logic),
      snapshot: getSnapshot(),
    }
  }
}
