import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Ledger } from '../../../src/tools/cli/lab/ledger.js'

describe('the ledger', () => {
  test('numbers accepted messages from 1', () => {
    const ledger = new Ledger()
    expect(ledger.next).toBe(1)
    expect(ledger.next).toBe(1)
    ledger.accept('sent', 0)
    expect(ledger.next).toBe(2)
  })

  test('returns the round trip of an echo', () => {
    const ledger = new Ledger()
    ledger.accept('sent', 100)
    expect(ledger.echo(1, 107)).toBe(7)
    expect(ledger).toMatchObject({ inFlight: 0, waiting: 0, uncertain: 0 })
  })

  test('counts messages in flight as uncertain when their link is lost, but not queued ones', () => {
    const ledger = new Ledger()
    for (let n = 0; n < 3; n++) ledger.accept('sent', 0)
    ledger.echo(1, 1)
    ledger.accept('queued', 0)
    expect(ledger.linkLost()).toBe(2)
    expect(ledger).toMatchObject({ inFlight: 0, waiting: 1, uncertain: 2 })
    expect(ledger.linkLost()).toBe(0)
  })

  test('measures the round trip from the flush', () => {
    const ledger = new Ledger()
    ledger.accept('queued', 0)
    ledger.accept('queued', 0)
    expect(ledger.flush(1, 1_000)).toBe(1)
    expect(ledger).toMatchObject({ inFlight: 1, waiting: 1 })
    expect(ledger.echo(1, 1_005)).toBe(5)
  })

  test('accepts a late echo', () => {
    const ledger = new Ledger()
    ledger.accept('sent', 0)
    expect(ledger.echo(1, 60_000)).toBe(60_000)
    expect(ledger.uncertain).toBe(0)
  })

  test('ignores the echo of an uncertain or unknown message', () => {
    const ledger = new Ledger()
    ledger.accept('sent', 0)
    ledger.linkLost()
    expect(ledger.echo(1, 1)).toBeUndefined()
    expect(ledger.echo(99, 1)).toBeUndefined()
    expect(ledger.uncertain).toBe(1)
  })

  test('counts an echo that comes after a later one', () => {
    const ledger = new Ledger()
    for (let n = 0; n < 3; n++) ledger.accept('sent', 0)
    ledger.echo(2, 1)
    ledger.echo(1, 1)
    ledger.echo(3, 1)
    expect(ledger.reordered).toBe(1)
  })

  test('counts messages dropped from the queue', () => {
    const ledger = new Ledger()
    ledger.accept('queued', 0)
    ledger.accept('queued', 0)
    ledger.drop(1)
    ledger.drop(1)
    ledger.accept('dropped', 0)
    expect(ledger).toMatchObject({ waiting: 1, dropped: 2, uncertain: 0, next: 4 })
  })

  test('always adds up: accepted = echoed + in flight + queued + uncertain + dropped', () => {
    const step = fc.oneof(
      fc.constantFrom('sent', 'queued', 'flush', 'loss'),
      fc.nat(30).map((number) => ({ echo: number })),
      fc.nat(30).map((number) => ({ drop: number })),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ledger = new Ledger()
        let back = 0
        for (const each of steps) {
          if (each === 'flush') ledger.flush(0, 0)
          else if (each === 'loss') ledger.linkLost()
          else if (each === 'sent' || each === 'queued') ledger.accept(each, 0)
          else if ('drop' in each) ledger.drop(each.drop)
          else if (ledger.echo(each.echo, 0) !== undefined) back += 1
          const { inFlight, waiting, uncertain, dropped } = ledger
          expect(back + inFlight + waiting + uncertain + dropped).toBe(ledger.next - 1)
        }
      }),
    )
  })
})
