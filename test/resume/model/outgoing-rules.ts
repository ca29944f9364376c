/** The rules that keep messages to the client whole and in order. Each can be removed. */
export interface OutgoingRules {
  /** The client drops what it has received before. */
  readonly dropReceived: boolean
  /** The client closes the link at a gap. */
  readonly closeAtGap: boolean
  /** A late hello of an earlier link gets nothing. */
  readonly refuseEarlier: boolean
  /** A node sends what follows the client's last received message, not what it thinks that it sent. */
  readonly resumeFromHello: boolean
  /** A node that reads while another message is appended reads again. */
  readonly readAgain: boolean
  /** Only what the client has acknowledged is dropped from the store. */
  readonly trimAcknowledged: boolean
  /** The owner learns of each append, by any node. */
  readonly tellOwner: boolean
  /** A node owns the session before it reads. */
  readonly ownBeforeReading: boolean
  /** `send` resolves once the store has the message. */
  readonly resolveWhenStored: boolean
  /** The same key adds nothing. */
  readonly keys: boolean
  /** A store of one step: numbering and adding are one. */
  readonly numberAtomically: boolean
  /** JetStream: a message is only added after the one that was last when its number was chosen. */
  readonly expectLast: boolean
  /** JetStream: after a conflict, the number is chosen again. */
  readonly renumber: boolean
  /** JetStream: the last message stays when all are acknowledged, because it has the last number. */
  readonly keepLast: boolean
}

export const outgoingRules: OutgoingRules = {
  dropReceived: true,
  closeAtGap: true,
  refuseEarlier: true,
  resumeFromHello: true,
  readAgain: true,
  trimAcknowledged: true,
  tellOwner: true,
  ownBeforeReading: true,
  resolveWhenStored: true,
  keys: true,
  numberAtomically: true,
  expectLast: true,
  renumber: true,
  keepLast: true,
}
