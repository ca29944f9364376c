/** By how much a timeout grows: behind a large message of ours, and where what came in could not be seen. */
const growth = { large: 4, blind: 2 }
const most = 16
/** What a link may have to carry before an answer can come. Bytes. */
const large = 65_536
/** So many answers in time, and the link is as fast as it should be. */
const enough = 10

/**
 * How much longer than `timeout` an answer may take, after a link was given up that may only have been slow. Where nothing shows
 * whether bytes still move, a large message looks like a dead link, and would be cut off again and again.
 */
export class PatienceFactor {
  #factor = 1
  /** What has to be carried in time before the factor is forgotten. Bytes. */
  #load = 0
  #answers = 0

  get value(): number {
    return this.#factor
  }

  /** A link was given up. `unproved`: bytes that had been handed to it. `blind`: what it was receiving could not be seen. */
  gaveUp({ unproved, blind }: { readonly unproved: number; readonly blind: boolean }): void {
    this.#answers = 0
    if (unproved >= large) this.#load = large
    else if (!blind) return
    this.#factor = Math.min(most, this.#factor * (unproved >= large ? growth.large : growth.blind))
  }

  /** An answer came within the plain timeout. `proved`: bytes that it had to wait for. */
  answered(proved: number): void {
    if (proved < this.#load && ++this.#answers < enough) return
    this.#factor = 1
    this.#load = 0
    this.#answers = 0
  }
}
