import { faults, messageFrame, type Fault, type Link } from '../../src/tools/testing/index.js'
import type { Weighted } from './draw.js'
import { rubbish } from './endings.js'
import { dialOf, speak, type Dials } from './dials.js'

/** What becomes of a request. */
export interface Arrival {
  readonly name: string
  fault(dials: Dials): Fault
}

function plain(name: string, fault: Fault): Arrival {
  return { name, fault: () => fault }
}

const statuses = [200, 301, 400, 401, 403, 404, 426, 429, 500, 502, 503] as const

/** One or a few bytes at a time: the whole answer takes at most about 60 ms. */
const drips = [1, 2, 4] as const

function firstFrame(dials: Dials): Fault {
  const requested = (link: Link): undefined => {
    const said = speak(dials, dialOf(link))
    if (said !== undefined) link.changeUpgrade({ append: messageFrame(said) })
  }
  return { name: 'first frame with upgrade', requested }
}

export const arrivals: readonly Weighted<Arrival>[] = [
  [8, () => plain('refuse', faults.refuse())],
  [
    6,
    (draw) =>
      draw.of([0, 3]) === 0 ? plain('reset', faults.reset()) : plain('reset late', faults.reset({ after: 3 })),
  ],
  [1, () => plain('hang', faults.hang())],
  [
    8,
    (draw) => {
      const status = draw.of(statuses)
      const hinted = draw.chance(0.5) && (status === 429 || status === 503)
      return plain(
        `http ${status}${hinted ? ', Retry-After' : ''}`,
        faults.http(status, hinted ? { headers: { 'Retry-After': '1' } } : {}),
      )
    },
  ],
  [2, (draw) => plain('answer garbage', faults.answer(rubbish(draw, draw.whole(1, 60))))],
  [2, () => plain('bad accept', faults.badAccept())],
  [
    3,
    (draw) => {
      const bytes = draw.of(drips)
      return plain(`drip ${bytes}`, faults.drip({ every: 1, bytes }))
    },
  ],
  [
    4,
    (draw) => {
      const ms = draw.whole(1, 15)
      return plain(`delay ${ms}`, faults.delay(ms))
    },
  ],
  [2, () => plain('throttle', faults.throttle(20_000))],
  [5, () => ({ name: 'first frame with upgrade', fault: firstFrame })],
  [
    4,
    (draw) => {
      const code = draw.of([1000, 1001, 1011, 1012, 4000, 4999])
      return plain(`accept, then close ${code}`, faults.acceptThenClose(code, 'soak'))
    },
  ],
  [
    4,
    (draw) => {
      const after = draw.whole(0, 3)
      return plain(`accept, then reset after ${after}`, faults.acceptThenReset({ after }))
    },
  ],
  [
    3,
    (draw) => {
      const after = draw.whole(0, 3)
      return plain(`kill after ${after}`, faults.kill({ after }))
    },
  ],
  [1, () => plain('no pong', faults.noPong())],
]
