import { describe, expect, test } from 'vitest'
import { closing } from './standard/close.js'
import { construction, subprotocols } from './standard/constructor.js'
import { events } from './standard/events.js'
import { handlers } from './standard/handlers.js'
import { idl } from './standard/idl.js'
import { listeners } from './standard/listeners.js'
import { messages } from './standard/messages.js'
import { sending } from './standard/send.js'
import { Setup, type Subject } from './standard/setup.js'

/** The facts of the WHATWG WebSocket standard, one by one. */
export const standard = { construction, subprotocols, idl, handlers, listeners, events, messages, sending, closing }

/** The deviations: the title of each fact, and the reason. */
export type Deviations = Readonly<Record<string, string>>

/**
 * Asserts every fact of a class, or, for a listed deviation, that it does not hold: an outdated entry fails like a
 * missing one. `elsewhere`: the table describes another runtime, and this one may have fixed its entries; nothing else
 * may differ.
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
          if (titles.has(title)) throw new Error(`two facts have the title ${JSON.stringify(title)}`)
          titles.add(title)
          const attempt = async (): Promise<void> => {
            const setup = new Setup(subject())
            try {
              await run(setup)
            } finally {
              setup.dispose()
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

    test('every deviation names a fact of the standard', () => {
      expect(Object.keys(deviations).filter((title) => !titles.has(title))).toEqual([])
    })
  })
}
