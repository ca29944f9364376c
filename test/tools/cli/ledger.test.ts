import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Ledger } from '../../../src/tools/cli/lab/ledger.js'

describe('the ledger', () => {
  test('numbers messages from 1, and only those that were accepted', () => {
    const ledger = new Ledger()
    expect(ledger.next).toBe(1)
    expect(ledger.next).toBe(1)
    ledger.accepted('sent', 0)
    expect(ledger.next).toBe(2)
  })

  test('tells how long a message was away', () => {
    const ledger = new Ledger()
    ledger.accepted('sent', 100)
    expect(ledger.echoed(1, 107)).toBe(7)
    expect(ledger).toMatchObject({ away: 0, waiting: 0, lost: 0 })
  })

  test('counts what was on its way as lost when its link is, and not what waits', () => {
    const ledger = new Ledger()
    for (let n = 0; n < 3; n++) ledger.accepted('sent', 0)
    ledger.echoed(1, 1)
    ledger.accepted('queued', 0)
    expect(ledger.linkLost()).toBe(2)
    expect(ledger).toMatchObject({ away: 0, waiting: 1, lost: 2 })
    expect(ledger.linkLost()).toBe(0)
  })

  test('counts from the flush, not from the wait', () => {
    const ledger = new Ledger()
    ledger.accepted('queued', 0)
    ledger.accepted('queued', 0)
    expect(ledger.flushed(1, 1_000)).toBe(1)
    expect(ledger).toMatchObject({ away: 1, waiting: 1 })
    expect(ledger.echoed(1, 1_005)).toBe(5)
  })

  test('takes a late echo for what it is: no loss', () => {
    const ledger = new Ledger()
    ledger.accepted('sent', 0)
    expect(ledger.echoed(1, 60_000)).toBe(60_000)
    expect(ledger.lost).toBe(0)
  })

  test('ignores an echo of what is lost, or never was', () => {
    const ledger = new Ledger()
    ledger.accepted('sent', 0)
    ledger.linkLost()
    expect(ledger.echoed(1, 1)).toBeUndefined()
    expect(ledger.echoed(99, 1)).toBeUndefined()
    expect(ledger.lost).toBe(1)
  })

  test('notices an echo that overtook another', () => {
    const ledger = new Ledger()
    for (let n = 0; n < 3; n++) ledger.accepted('sent', 0)
    ledger.echoed(2, 1)
    ledger.echoed(1, 1)
    ledger.echoed(3, 1)
    expect(ledger.reordered).toBe(1)
  })

  test('counts as lost what is dropped from the queue', () => {
    const ledger = new Ledger()
    ledger.accepted('queued', 0)
    ledger.accepted('queued', 0)
    ledger.dropped(1)
    ledger.dropped(1)
    ledger.accepted('dropped', 0)
    expect(ledger).toMatchObject({ waiting: 1, lost: 2, next: 4 })
  })

  test('always adds up: accepted = back + away + waiting + lost', () => {
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
          if (each === 'flush') ledger.flushed(0, 0)
          else if (each === 'loss') ledger.linkLost()
          else if (each === 'sent' || each === 'queued') ledger.accepted(each, 0)
          else if ('drop' in each) ledger.dropped(each.drop)
          else if (ledger.echoed(each.echo, 0) !== undefined) back += 1
          expect(back + ledger.away + ledger.waiting + ledger.lost).toBe(ledger.next - 1)
        }
      }),
    )
  })
})
