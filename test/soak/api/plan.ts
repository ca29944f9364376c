import fc from 'fast-check'

/** Calls the app may make, with `Bad` for invalid arguments. */
const calls = {
  open: 5,
  close: 2,
  closeBad: 1,
  reconnect: 3,
  reconnectBad: 1,
  send: 12,
  sendOptions: 5,
  sendBad: 3,
  sendMany: 3,
  sendManyLate: 2,
  sendManyBad: 2,
  withdraw: 2,
  opened: 2,
  drained: 3,
  ended: 1,
  waitBad: 1,
  giveUp: 1,
  messages: 2,
  messagesBad: 1,
  next: 4,
  leave: 1,
  readable: 1,
  read: 3,
  cancel: 1,
  writable: 1,
  write: 4,
  writeBad: 1,
  endWriting: 1,
  abortWriting: 1,
  on: 3,
  onBad: 2,
  off: 2,
  subscribe: 1,
  inspect: 1,
  binaryType: 1,
  binaryTypeBad: 1,
  markHealthy: 1,
  look: 2,
  misbehave: 6,
  abort: 1,
} as const

/** What the server, the network, the page and the clock do. */
const faults = {
  serve: 22,
  accept: 4,
  refuse: 4,
  refuseForGood: 1,
  end: 5,
  endForGood: 1,
  say: 5,
  sayGarbage: 1,
  pong: 4,
  ping: 1,
  buffer: 3,
  balk: 1,
  late: 1,
  environment: 4,
  provide: 3,
  prepared: 3,
  pass: 8,
  passLong: 4,
  block: 1,
  sleep: 1,
} as const

export type Act = keyof typeof calls | keyof typeof faults

export interface Step {
  readonly act: Act
  /** Selects the target and variant; each act interprets it. */
  readonly n: number
  /** Performed by a listener, at the next event. */
  readonly inside: boolean
  /** The next step follows in the same tick. */
  readonly hurried: boolean
}

/** The setup of the connection, as numbers that each run interprets. */
export type Scene = readonly number[]

const weighted = Object.entries({ ...calls, ...faults }) as [Act, number][]

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.oneof(...weighted.map(([act, weight]) => ({ weight, arbitrary: fc.constant(act) }))),
  n: fc.nat(1_000_000),
  inside: fc.boolean().map((value) => value),
  hurried: fc.boolean(),
})

export interface Plan {
  readonly scene: Scene
  readonly steps: readonly Step[]
}

export const plans = (maxLength: number): fc.Arbitrary<Plan> =>
  fc.record({
    scene: fc.array(fc.nat(1_000), { minLength: 12, maxLength: 12 }),
    steps: fc.array(step, { maxLength, size: 'max' }),
  })

/** The acts that are calls of the app, which its listeners may make too. */
export const isCall = (act: Act): boolean => act in calls
