import { setImmediate as turn } from 'node:timers/promises'

/** Uncaught errors and unhandled rejections of this process. */
export class Escapes {
  readonly #caught: unknown[] = []
  readonly #note = (thrown: unknown): void => void this.#caught.push(thrown)

  constructor() {
    process.on('unhandledRejection', this.#note)
    process.on('uncaughtException', this.#note)
  }

  /** Those since the last call. Waits for the end of the loop turn, because Node reports a rejection only then. */
  async take(): Promise<unknown[]> {
    await turn()
    await turn()
    return this.#caught.splice(0)
  }

  stop(): void {
    process.off('unhandledRejection', this.#note)
    process.off('uncaughtException', this.#note)
  }
}
