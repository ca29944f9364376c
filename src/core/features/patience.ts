/** Factors of the timeout: after a large sent message, and if received bytes could not be observed. */
const growth = { large: 4, blind: 2 }
const most = 16
/** An unproved amount from which a message counts as large. Bytes. */
const large = 65_536
/** After this many timely replies the factor is reset. */
const enough = 10

/**
 * Multiplies `timeout` after a link was abandoned that may only have been slow. If the runtime doesn't show whether bytes still move, a
 * large message looks like a dead link, and would be cut off repeatedly.
 */
export class PatienceFactor {
  #factor = 1
  /** Bytes that must arrive in time before the factor is reset. */
  #load = 0
  #answers = 0

  get value(): number {
    return this.#factor
  }

  /** A link was abandoned. `unproved`: sent bytes without proof of arrival. `blind`: received bytes could not be observed. */
  gaveUp({ unproved, blind }: { readonly unproved: number; readonly blind: boolean }): void {
    this.#answers = 0
    if (unproved >= large) this.#load = large
    else if (!blind) return
    this.#factor = Math.min(most, this.#factor * (unproved >= large ? growth.large : growth.blind))
  }

  /** A reply arrived within the plain timeout and proved that this many bytes arrived. */
  answered(proved: number): void {
    if (proved < this.#load && ++this.#answers < enough) return
    this.#factor = 1
    this.#load = 0
    this.#answers = 0
  }
}
