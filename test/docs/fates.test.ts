// The programs of docs/fates.md.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { settle } from '../../src/tools/testing/clock.js'
import { root } from './pages.js'
import { blocksOn, runBlock, type Program } from './programs.js'

const page = readFileSync(join(root, 'docs/fates.md'), 'utf8')
const programs = blocksOn('fates.md')

interface Bubble {
  textContent: string
  dataset: { fate?: string }
}

const bubbles = (): Promise<Program<{ say(text: string): Bubble }>> =>
  runBlock(programs[0], {
    list: { append: () => {} },
    document: { createElement: (): Bubble => ({ textContent: '', dataset: {} }) },
  })

describe('the chat bubble', () => {
  it('is sending until there is a link, and then sent', async () => {
    const { exports, accept } = await bubbles()
    const bubble = exports.say('hello')
    expect(bubble).toEqual({ textContent: 'hello', dataset: { fate: 'sending' } })
    const socket = await accept()
    expect([bubble.dataset.fate, socket.sent]).toEqual(['sent', ['hello']])
    expect(exports.say('at once').dataset.fate).toBe('sent')
  })

  it('is perhaps not delivered if the link is lost without proof, and stays so on the next link', async () => {
    const { exports, accept, clock } = await bubbles()
    const socket = await accept()
    const bubble = exports.say('hello')
    socket.end()
    expect(bubble.dataset.fate).toBe('perhaps not delivered')
    await clock.advance(1_000)
    const next = await accept()
    expect([bubble.dataset.fate, next.sent]).toEqual(['perhaps not delivered', []])
  })

  it('stays sent if an answered ping proved it before the loss', async () => {
    const { exports, accept, clock } = await bubbles()
    const socket = await accept()
    const bubble = exports.say('hello')
    await clock.advance(10_000)
    socket.pong()
    socket.end()
    expect(bubble.dataset.fate).toBe('sent')
  })

  it('is not sent if it expired, found no room, or the chat has ended', async () => {
    const late = await bubbles()
    const old = late.exports.say('hello')
    await late.clock.advance(62_000)
    await late.accept()
    expect(old.dataset.fate).toBe('not sent')

    const full = await bubbles()
    const [first] = Array.from({ length: 1_001 }, (_, id) => full.exports.say(`${id}`))
    expect(first?.dataset.fate).toBe('not sent')

    const ended = await bubbles()
    const bubble = ended.exports.say('hello')
    await ended.connection.close()
    expect([bubble.dataset.fate, ended.exports.say('too late').dataset.fate]).toEqual(['not sent', 'not sent'])
  })
})

it('a listener that sends gets the fate after the other listeners have run', async () => {
  const { exports, connection, accept } = await bubbles()
  const seen: unknown[] = []
  connection.on('message', () => seen.push(exports.say('answer')))
  connection.on('message', () => seen.push((seen[0] as Bubble).dataset.fate))
  const socket = await accept()
  socket.message('question')
  expect(seen).toEqual([{ textContent: 'answer', dataset: { fate: 'sent' } }, 'sending'])
})

describe('delivered', () => {
  it("is based on the server's acknowledgment, and a later loss does not change it", async () => {
    const shown: string[] = []
    const { exports, accept } = await runBlock<{ say(text: string): void }>(programs[1], {
      show: (_: string, fate: string) => void shown.push(fate),
    })
    const socket = await accept()
    exports.say('a')
    expect(shown).toEqual(['sending', 'sent'])
    const { id, text } = JSON.parse(socket.sent[0] as string) as { id: string; text: string }
    expect(text).toBe('a')
    socket.message(id)
    socket.end()
    await settle()
    expect(shown).toEqual(['sending', 'sent', 'delivered'])
  })
})

it('every fate has a name', () => {
  const rows = [...page.matchAll(/^\| `(\w+)`(?:, then `(\w+)`)? /gm)].flatMap(([, first, then]) =>
    [first, then ?? []].flat(),
  )
  const [, listed = ''] = /const words: Record<Fate, string> = \{\n(.*?)^\}/ms.exec(programs[0] ?? '') ?? []
  // The compiler checks that this list is complete.
  const all = [...listed.matchAll(/^ {2}(\w+):/gm)].map(([, fate]) => fate)
  expect(all.length).toBeGreaterThan(2)
  expect(new Set(rows)).toEqual(new Set(all))
})
