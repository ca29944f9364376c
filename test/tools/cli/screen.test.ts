import { EventEmitter } from 'node:events'
import type { WriteStream } from 'node:tty'
import { expect, test } from 'vitest'
import { Screen } from '../../../src/tools/cli/terminal/screen.js'
import { plain, styleFor } from '../../../src/tools/cli/terminal/style.js'

class FakeTerminal extends EventEmitter {
  columns = 20
  written: string[] = []
  write(text: string): boolean {
    this.written.push(text)
    return true
  }
}

function screen(): { out: FakeTerminal; screen: Screen; rows: string[] } {
  const out = new FakeTerminal()
  const rows = ['one', 'two']
  return { out, rows, screen: new Screen(out as unknown as WriteStream, plain, () => [...rows]) }
}

test('permanent rows are written above the status rows, in one write', () => {
  const { out, screen: it } = screen()
  it.print('hello')
  it.print('again')
  expect(out.written.slice(1)).toEqual([
    '\r\u001b[Jhello\r\none\r\ntwo',
    // One row up: the cursor is at the end of the second row.
    '\r\u001b[1A\u001b[Jagain\r\none\r\ntwo',
  ])
  it.stop()
})

test('the status is drawn only when it has changed', () => {
  const { out, screen: it, rows } = screen()
  it.refresh()
  it.refresh()
  expect(out.written).toHaveLength(2)
  rows[1] = 'three'
  it.refresh()
  expect(out.written).toHaveLength(3)
  it.stop()
})

test('the last column stays empty', () => {
  expect(screen().screen.width).toBe(19)
})

test('status rows wrapped by a narrower terminal are erased completely', () => {
  const { out, screen: it, rows } = screen()
  rows[0] = 'x'.repeat(19)
  it.refresh()
  out.columns = 10
  out.emit('resize')
  expect(out.written.at(-1)).toMatch(/^\r\u001b\[2A\u001b\[J/)
  it.stop()
})

test('the cursor is hidden until stop, and a second stop does nothing', () => {
  const { out, screen: it } = screen()
  expect(out.written).toEqual(['\u001b[?25l'])
  const listeners = process.listenerCount('exit')
  it.refresh()
  it.stop()
  it.stop()
  expect(out.written.at(-1)).toBe('\r\u001b[1A\u001b[J\u001b[?25h')
  expect(out.written).toHaveLength(3)
  expect(process.listenerCount('exit')).toBe(listeners - 1)
  expect(out.listenerCount('resize')).toBe(0)
  it.print('after')
  expect(out.written.at(-1)).toBe('after\n')
})

test('colors are used only on a terminal that supports them', () => {
  expect(styleFor({ isTTY: true, hasColors: () => true })('x', 'bad')).toBe('\u001b[31mx\u001b[39m')
  expect(styleFor({ isTTY: true, hasColors: () => false })('x', 'bad')).toBe('x')
  expect(styleFor({ isTTY: true })('x', 'bad')).toBe('x')
})
