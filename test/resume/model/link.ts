import type { RandomSteps } from './random-steps.js'

/** One direction of a link: frames arrive in order, each some time after it was sent. */
export class Pipe<Frame> {
  readonly #steps: RandomSteps
  readonly #arrives: (frame: Frame) => void
  readonly #frames: Frame[] = []

  constructor(steps: RandomSteps, arrives: (frame: Frame) => void) {
    this.#steps = steps
    this.#arrives = arrives
  }

  get inFlight(): number {
    return this.#frames.length
  }

  send(frame: Frame): void {
    this.#frames.push(frame)
    this.#steps.later(() => this.#arrives(this.#frames.shift()!))
  }
}
