import { setTimeout as sleep } from 'node:timers/promises'
import { illegalFrames } from '../../src/tools/testing/index.js'
import type { Draw, Weighted } from './draw.js'
import type { Rig } from './rig.js'

/** A way to lose a link. Resolves once everything is set in motion; the loss itself may come later. */
export interface Ending {
  readonly name: string
  run(rig: Rig): void | Promise<void>
}

/** Invalid frames: the first byte sets reserved bits, so it can never be a legal message. */
export function rubbish(draw: Draw, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index === 0 ? 0xf0 : 0) | draw.whole(0, 255))
}

/** Legal codes: some end a connection by default, some ask it to wait, the rest are retried. */
const codes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4000, 4401, 4999] as const
/** Codes no frame may carry. */
const forbidden = [999, 1005, 1006, 1015, 5000] as const

const illegal = [
  'badUtf8',
  'reservedBits',
  'badOpcode',
  'masked',
  'fragmentedPing',
  'strayContinuation',
  'halfCloseCode',
] as const

export const endings: readonly Weighted<Ending>[] = [
  [10, () => ({ name: 'reset', run: ({ server }) => server.reset() })],
  [10, () => ({ name: 'cut', run: ({ server }) => server.cut() })],
  [
    16,
    (draw) => {
      const code = draw.of(codes)
      return { name: `server closes with ${code}`, run: ({ server }) => server.closeLinks(code, 'soak') }
    },
  ],
  [
    4,
    (draw) => {
      const code = draw.of(forbidden)
      return { name: `server closes with ${code}`, run: ({ server }) => server.sendRaw(illegalFrames.closeCode(code)) }
    },
  ],
  [
    7,
    (draw) => {
      const kind = draw.of(illegal)
      return { name: `illegal frame: ${kind}`, run: ({ server }) => server.sendRaw(illegalFrames[kind]()) }
    },
  ],
  [
    5,
    (draw) => {
      const bytes = rubbish(draw, draw.whole(1, 200))
      return { name: `garbage, ${bytes.length} bytes`, run: ({ server }) => server.sendRaw(bytes) }
    },
  ],
  [1, () => ({ name: 'an unfinished frame', run: ({ server }) => server.sendRaw(illegalFrames.unfinished(1_000)) })],
  [
    4,
    (draw) => {
      const direction = draw.of(['both', 'in', 'out'] as const)
      const lost = draw.chance(0.3)
      return {
        name: `swallow ${direction}${lost ? ', lost' : ''}`,
        // Messages sent now go to a link whose peer no longer reads.
        run: (rig) => {
          rig.server.swallow(direction, { lost })
          rig.send()
          rig.send()
        },
      }
    },
  ],
  [
    1,
    () => ({
      name: 'partition, healed',
      run: async (rig) => {
        rig.server.partition()
        rig.send()
        await rig.loss()
        rig.server.heal()
      },
    }),
  ],
  [
    16,
    (draw) => {
      const times = draw.of([1, 1, 1, 2, 3])
      return {
        name: `reconnect() × ${times}`,
        run: (rig) => {
          for (let n = 0; n < times; n++) rig.command('reconnect')
        },
      }
    },
  ],
  [
    4,
    (draw) => {
      const after = draw.whole(0, 2)
      return {
        name: `reconnect(), and again while it connects, after ${after}`,
        run: async (rig) => {
          rig.command('reconnect')
          await sleep(after)
          rig.command('reconnect')
        },
      }
    },
  ],
  [
    7,
    () => ({
      name: 'close(), open()',
      run: (rig) => {
        rig.command('close')
        rig.command('open')
      },
    }),
  ],
  [
    6,
    () => ({
      name: 'close(), ended, open()',
      run: async (rig) => {
        rig.command('close')
        rig.send()
        await rig.ended()
        rig.command('open')
      },
    }),
  ],
  [
    2,
    () => ({
      name: 'close() that is not answered, open()',
      run: async (rig) => {
        rig.server.ignoreClose()
        rig.command('close')
        await rig.ended()
        rig.command('open')
      },
    }),
  ],
  [
    3,
    (draw) => {
      const away = draw.whole(1, 25)
      return {
        name: `the port is closed for ${away} ms`,
        run: async (rig) => {
          await rig.server.stopListening()
          rig.server.reset()
          await sleep(away)
          await rig.server.listenAgain()
        },
      }
    },
  ],
]
