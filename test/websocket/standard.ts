import { describe, expect, test } from 'vitest'
import { closing } from './standard/close.js'
import { construction, subprotocols } from './standard/constructor.js'
import { events } from './standard/events.js'
import { handlers } from './standard/handlers.js'
import { idl } from './standard/idl.js'
import { listeners } from './standard/listeners.js'
import { messages } from './standard/messages.js'
import { sending } from './standard/send.js'
import { World, type Subject } from './standard/world.js'

/** What the WHATWG standard says of a WebSocket, sentence by sentence. */
export const standard = { construction, subprotocols, idl, handlers, listeners, events, messages, sending, closing }

/** What is different, by the title of the sentence, and why. */
export type Deviations = Readonly<Record<string, string>>

/**
 * Proves every sentence of a class, or, where a deviation is named, that it does not hold: a table that says too much
 * fails as one that says too little. `elsewhere`: the runtime is not the one that the table is of, and may have mended
 * what the table names; nothing else may differ.
 */
export function describeStandard(
  name: string,
  subject: () => Subject,
  deviations: Deviations,
  { elsewhere = false } = {},
): void {
  describe(name, () => {
    const titles = new Set<string>()
    for (const [section, facts] of Object.entries(standard)) {
      describe(section, () => {
        for (const { title, run } of facts) {
          if (titles.has(title)) throw new Error(`two sentences are called ${JSON.stringify(title)}`)
          titles.add(title)
          const attempt = async (): Promise<void> => {
            const world = new World(subject())
            try {
              await run(world)
            } finally {
              world.dispose()
            }
          }
          const why = deviations[title]
          if (why !== undefined && elsewhere)
            test(`MAY DIFFER: ${title} — ${why}`, { timeout: 30_000 }, () => attempt().catch(() => {}))
          else if (why === undefined) test(title, { timeout: 30_000 }, attempt)
          else test(`DIFFERS: ${title} — ${why}`, { timeout: 30_000 }, () => expect(attempt()).rejects.toThrow())
        }
      })
    }

    test('every deviation is one from the standard', () => {
      expect(Object.keys(deviations).filter((title) => !titles.has(title))).toEqual([])
    })
  })
}
