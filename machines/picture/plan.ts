// Where the chart's states and arrows are drawn. A person placed them: an everyday life reads as a circle, and all that leads from
// one half to the other is a straight line between them. Nothing here says what the chart is: a state or an arrow that is not in
// the plan, or is in the plan and not in the chart, or is drawn over another, fails `npm run chart`.

export interface Place {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

export type Point = readonly [x: number, y: number]

export interface Route {
  readonly points: readonly Point[]
  /** Where the label is: its baseline, and which end of it. */
  readonly label: readonly [x: number, y: number, anchor?: 'start' | 'middle' | 'end']
  /** Break the label after a comma where a line would be longer than so many characters. */
  readonly wrap?: number
  /** Taken in every life. */
  readonly everyday?: true
}

export const size = { w: 1026, h: 660 }

const place = (x: number, y: number, w: number, h: number): Place => ({ x, y, w, h })

/** The corners of a line, x and y in turn. */
function along(...numbers: readonly number[]): Point[] {
  return numbers.flatMap((x, at): Point[] => (at % 2 === 0 ? [[x, numbers[at + 1] ?? Number.NaN]] : []))
}

/** States by their path. */
export const places: Readonly<Record<string, Place>> = {
  closed: place(12, 26, 240, 622),
  'closed.idle': place(60, 62, 164, 32),
  'closed.suspended': place(60, 120, 164, 46),
  'closed.backoff': place(36, 208, 196, 140),
  'closed.backoff.hastened': place(60, 236, 164, 32),
  'closed.backoff.scheduled': place(60, 304, 164, 32),
  'closed.deciding': place(60, 384, 164, 68),
  'closed.ended': place(60, 568, 164, 52),
  live: place(400, 26, 614, 622),
  'live.connecting': place(426, 70, 572, 84),
  'live.connecting.resolving': place(474, 104, 92, 34),
  'live.connecting.handshaking': place(668, 104, 112, 34),
  'live.connecting.preparing': place(880, 104, 96, 34),
  'live.open': place(426, 204, 572, 334),
  'live.open.heartbeat': place(438, 230, 548, 230),
  'live.open.heartbeat.grace': place(452, 276, 74, 140),
  'live.open.heartbeat.waiting': place(608, 270, 104, 58),
  'live.open.heartbeat.probing': place(608, 362, 104, 56),
  'live.open.heartbeat.resting': place(862, 276, 110, 140),
  'live.open.stability': place(438, 468, 548, 58),
  'live.open.stability.settling': place(618, 482, 84, 32),
  'live.open.stability.stable': place(862, 482, 110, 32),
  'live.closing': place(452, 568, 164, 52),
}

/** What is drawn, by `source > target`. */
export const routes: Readonly<Record<string, Route>> = {
  // Between the halves.
  'closed > live': {
    points: along(252, 78, 400, 78),
    label: [326, 73, 'middle'],
    everyday: true,
  },
  'closed.suspended > live': {
    points: along(224, 132, 400, 132),
    label: [326, 127, 'middle'],
  },
  'live > closed.suspended': {
    points: along(400, 155, 224, 155),
    label: [326, 150, 'middle'],
  },
  'closed.backoff.hastened > live': {
    points: along(224, 252, 400, 252),
    label: [326, 247, 'middle'],
  },
  'closed.backoff.scheduled > live': {
    points: along(224, 320, 400, 320),
    label: [326, 315, 'middle'],
    everyday: true,
  },
  'live.connecting > closed.deciding': {
    points: along(426, 130, 413, 130, 413, 398, 224, 398),
    label: [326, 393, 'middle'],
  },
  'live.open.heartbeat.grace > closed.deciding': {
    points: along(452, 408, 440, 408, 440, 420, 224, 420),
    label: [326, 415, 'middle'],
    everyday: true,
  },
  'live > closed.deciding': {
    points: along(400, 442, 224, 442),
    label: [326, 437, 'middle'],
    everyday: true,
  },
  'closed.ended > live': {
    points: along(224, 582, 400, 582),
    label: [326, 577, 'middle'],
  },
  'live.closing > closed.ended': {
    points: along(452, 604, 224, 604),
    label: [326, 617, 'middle'],
    wrap: 20,
    everyday: true,
  },

  // Closed.
  'closed.backoff > closed.suspended': {
    points: along(70, 208, 70, 166),
    label: [76, 185],
    wrap: 14,
  },
  'closed.suspended > closed.backoff.hastened': {
    points: along(164, 166, 164, 236),
    label: [170, 185],
    wrap: 13,
  },
  'closed.backoff.scheduled > closed.backoff.hastened': {
    points: along(88, 304, 88, 268),
    label: [94, 289],
  },
  'closed.deciding > closed.backoff': {
    points: along(142, 384, 142, 348),
    label: [148, 370],
    everyday: true,
  },
  'closed.deciding > closed.ended': {
    points: along(142, 452, 142, 568),
    label: [148, 514],
  },
  'closed > closed.ended': {
    points: along(142, 648, 142, 620),
    label: [148, 638],
  },

  // Live.
  'live.connecting.resolving > live.connecting.handshaking': {
    points: along(566, 121, 668, 121),
    label: [615, 116, 'middle'],
    everyday: true,
  },
  'live.connecting.handshaking > live.connecting.preparing': {
    points: along(780, 121, 880, 121),
    label: [828, 116, 'middle'],
    everyday: true,
  },
  'live.connecting.preparing > live.open': {
    points: along(928, 138, 928, 204),
    label: [922, 182, 'end'],
    everyday: true,
  },
  'live > live.closing': {
    points: along(534, 648, 534, 620),
    label: [540, 638],
    everyday: true,
  },

  // The heartbeat.
  'live.open.heartbeat.resting > live.open.heartbeat.waiting': {
    points: along(862, 288, 712, 288),
    label: [787, 283, 'middle'],
    everyday: true,
  },
  'live.open.heartbeat.waiting > live.open.heartbeat.resting': {
    points: along(712, 312, 862, 312),
    label: [787, 325, 'middle'],
    everyday: true,
  },
  'live.open.heartbeat.resting > live.open.heartbeat.probing': {
    points: along(862, 380, 712, 380),
    label: [787, 363, 'middle'],
    wrap: 10,
  },
  'live.open.heartbeat.probing > live.open.heartbeat.resting': {
    points: along(712, 404, 862, 404),
    label: [787, 417, 'middle'],
  },
  'live.open.heartbeat.waiting > live.open.heartbeat.probing': {
    points: along(660, 328, 660, 362),
    label: [654, 349, 'end'],
  },
  'live.open.heartbeat.waiting > live.open.heartbeat.grace': {
    points: along(608, 300, 526, 300),
    label: [567, 295, 'middle'],
    everyday: true,
  },
  'live.open.heartbeat.probing > live.open.heartbeat.grace': {
    points: along(608, 392, 526, 392),
    label: [567, 387, 'middle'],
  },
  'live.open.heartbeat.grace > live.open.heartbeat.resting': {
    points: along(489, 416, 489, 448, 917, 448, 917, 416),
    label: [500, 431],
  },
  'live.open.stability.settling > live.open.stability.stable': {
    points: along(702, 498, 862, 498),
    label: [782, 481, 'middle'],
    wrap: 10,
    everyday: true,
  },
}

/** From the dot to the state where one begins, by the path of that state; '' is the chart. */
export const beginnings: Readonly<Record<string, readonly Point[]>> = {
  '': along(132, 8, 132, 26),
  closed: along(36, 78, 60, 78),
  'closed.backoff': along(46, 320, 60, 320),
  live: along(446, 50, 446, 70),
  'live.connecting': along(446, 121, 474, 121),
  'live.open.heartbeat': along(917, 256, 917, 276),
  'live.open.stability': along(594, 498, 618, 498),
}

/** What the picture cannot say by itself. */
export const notes: readonly { readonly x: number; readonly y: number; readonly text: string }[] = [
  { x: 660, y: 572, text: 'Bold: the usual path. From a border: from any state inside.' },
  { x: 660, y: 588, text: 'env.*: the environment changed (network, page, machine).' },
  { x: 660, y: 604, text: 'Events of an earlier socket change nothing.' },
  { x: 660, y: 620, text: 'To live: drops the socket and dials a new one.' },
]
