/** The rules that keep a session that moves between nodes safe. Each can be removed. */
export interface MovingRules {
  /** Claiming only fences; the owner changes once the last one has let go. */
  readonly ownAfterHandover: boolean
  /** A claim that finds an owner asks it to let go, and waits. */
  readonly handover: boolean
  /** Letting go waits for the handler that runs. */
  readonly waitForHandler: boolean
  /** The owner is a session object, not a node. */
  readonly ownerIsObject: boolean
  /** A session object is forgotten only once its release is stored. */
  readonly forgetLast: boolean
  /** The store keeps the larger number of handled messages, also if an earlier owner reports it later. */
  readonly releaseMaximum: boolean
  /** Only the latest generation may take the session. */
  readonly takeByGeneration: boolean
  /** A node remembers the generations of sessions that it was asked to let go of. */
  readonly rememberMoved: boolean
  /** What the client is told to forget is what the store has. */
  readonly acknowledgeStored: boolean
  /** What an object here has handled counts as well as what the store has. */
  readonly countHere: boolean
  /** A node handles nothing from before the end of its lease on. */
  readonly stopWithoutLease: boolean
  /** After its lease has lapsed, a session object handles nothing until the store has confirmed that it is still the owner. */
  readonly confirmAfterLapse: boolean
  /** The owner may commit, not the latest generation. */
  readonly commitByOwner: boolean
  /** An object that is here is used again only if the store names it as the owner, or none. */
  readonly reuseOnlyOwner: boolean
  /** The app commits effects together with their numbers, and knows how far it came. */
  readonly processed: boolean
  /** A change of the store is refused if the store has changed since it was read. */
  readonly compareAndSet: boolean
  /** Changes of the store take two steps: reading, and writing. As JetStream's do. */
  readonly twoSteps: boolean
}

export const movingRules: MovingRules = {
  ownAfterHandover: true,
  handover: true,
  waitForHandler: true,
  ownerIsObject: true,
  forgetLast: true,
  releaseMaximum: true,
  takeByGeneration: true,
  rememberMoved: true,
  acknowledgeStored: true,
  countHere: true,
  stopWithoutLease: true,
  confirmAfterLapse: true,
  commitByOwner: true,
  reuseOnlyOwner: true,
  processed: false,
  compareAndSet: true,
  twoSteps: false,
}
