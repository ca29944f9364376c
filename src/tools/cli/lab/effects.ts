/** Takes the place of the app's database, which survives its nodes: what was done, and which message of a session did it last. */
export class Effects {
  readonly #handled = new Map<string, number>()
  readonly #processed = new Map<string, number>()

  /** How many messages of this client were handled, each repetition included. */
  handledBy(client: string): number {
    return this.#handled.get(client) ?? 0
  }

  /** The number of the last message of this session whose effect is stored. */
  processed(session: string): number {
    return this.#processed.get(session) ?? 0
  }

  /** Stores an effect with the number of its message. */
  apply(session: string, client: string, number: number): void {
    this.#processed.set(session, number)
    this.#handled.set(client, this.handledBy(client) + 1)
  }
}
