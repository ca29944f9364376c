import { describe, expect, test } from 'vitest'
import { createFaultServer, faults, type FaultServerOptions } from '../../../../src/tools/testing/index.js'
import { main } from '../support/program.js'
import { haveTmux, Terminal } from '../support/terminal.js'

const server = (options: FaultServerOptions = {}) => createFaultServer({ logFrames: false, ...options })
const quick = '--interval 0.4 --timeout 0.4'
const title = haveTmux ? 'connect in a real terminal' : 'connect in a real terminal (SKIPPED: tmux is not installed)'

describe.skipIf(!haveTmux).concurrent(title, { timeout: 60_000 }, () => {
  test('typed lines are sent, messages appear above the status row, and Ctrl-D ends connect', async () => {
    await using echo = await server()
    await using terminal = await Terminal.open(80, 24)
    await terminal.start(`connect ${echo.url}`)
    await terminal.shows(/^open: settling · sent 0 received 0 queued 0\n>$/m)
    await terminal.type('hello')
    await terminal.shows(/^> hello\nhello\nopen: settling · sent 1 received 1 queued 0\n>$/m)
    // Half a line survives whatever is printed meanwhile.
    await terminal.press('wor')
    echo.send('news')
    await terminal.shows(/^> hello\nhello\nnews\nopen: .* received 2 queued 0\n> wor$/m)
    await terminal.type('ld')
    await terminal.shows(/^news\n> world\nworld\nopen: /m)
    await terminal.press('Up')
    await terminal.shows(/^> world$/m)
    await terminal.press('C-u')
    await terminal.press('C-d')
    await terminal.shows(/^world\nstatewire: [\d.]+ s, 2 sent, 3 received\nexit code 0$/m)
    expect(await terminal.cursorIsVisible()).toBe(true)
    await terminal.type('stty -a')
    await terminal.shows(/[^-]icanon[^]*[^-]echo /)
  })

  test('the status row shows a dead link and the next attempt; lines typed meanwhile are queued and arrive', async () => {
    await using echo = await server()
    await using terminal = await Terminal.open(80, 24)
    await terminal.start(`connect ${quick} ${echo.url}`)
    await terminal.shows(/^open: /m)
    await terminal.shows(/^open: settling · rtt [\d.]+ ms · sent 0/m)
    echo.partition()
    await terminal.shows(/^(backoff: heartbeat timeout \(4000\) · attempt \d+ in [\d.]+ s|connecting: handshaking)/m)
    await terminal.type('meanwhile')
    await terminal.shows(/^> meanwhile\n(backoff|connecting): .* q(ueued)? 1\n>$/m)
    echo.heal()
    await terminal.shows(
      /^> meanwhile\nstatewire: open again, attempt \d+; sent 1 queued .*\nmeanwhile\nopen: .* queued 0\n>$/m,
    )
    await terminal.press('C-c')
    await terminal.shows(/exit code 130/)
  })

  test('a loss, the first failed attempt and the new link are logged above the status row', async () => {
    await using echo = await server()
    await using terminal = await Terminal.open(100, 30)
    await terminal.start(`connect ${echo.url}`)
    await terminal.shows(/^open: /m)
    await echo.stopListening()
    for (const link of echo.links) link.reset()
    await terminal.shows(/^statewire: lost: .*attempt 2 in [\d.]+ s$/m)
    await terminal.shows(
      /^statewire: attempt 2 failed: ECONNREFUSED .*$[^]*^backoff: ECONNREFUSED · attempt [4-9]/m,
      30_000,
    )
    await echo.listenAgain()
    const screen = await terminal.shows(/^statewire: open again, attempt \d+$/m, 30_000)
    expect(screen.match(/^statewire: attempt \d+ failed/gm)).toHaveLength(1)
    expect(screen.match(/^statewire: lost/gm)).toHaveLength(1)
    await terminal.press('C-d')
    await terminal.shows(/exit code 0/)
  })

  test('the error of the first attempt and its fix are logged above the status row', async () => {
    await using terminal = await Terminal.open(120, 30)
    await terminal.start('connect ws://127.0.0.1:9')
    await terminal.shows(/^statewire: attempt 1 failed: ECONNREFUSED .*\nstatewire: no server is listening there; .*$/m)
    const screen = await terminal.shows(/^backoff: ECONNREFUSED · attempt [3-9] /m, 30_000)
    expect(screen.match(/no server is listening there/g)).toHaveLength(1)
    await terminal.press('C-c')
    await terminal.shows(/exit code 130/)
    await using echo = await server()
    echo.use(faults.http(404))
    await terminal.start(`connect ${echo.url}`)
    await terminal.shows(
      /^statewire: ended: HTTP 404\nstatewire: there is no WebSocket at this path; .*\n[^]*^exit code 1$/m,
    )
  })

  test('long lines and a resized terminal leave no artifacts', async () => {
    await using echo = await server({ onMessage: (_, socket) => socket.send('answer') })
    await using terminal = await Terminal.open(80, 24)
    await terminal.start(`connect ${echo.url}`)
    await terminal.shows(/^open: /m)
    await terminal.type('x'.repeat(200))
    await terminal.shows(/^> x{78}\nx{80}\nx{42}\nanswer\nopen: .*\n>$/m)
    await terminal.press('half')
    await terminal.resize(40, 24)
    // The row was longer than that; the terminal has broken it, and all of it is gone.
    const narrow = await terminal.shows(/^answer\nopen: settling · out 1 in 1 q 0\n> half$/m)
    expect(narrow.match(/open:/g)).toHaveLength(1)
    await terminal.resize(120, 24)
    const wide = await terminal.shows(/^answer\nopen: settling · sent 1 received 1 queued 0\n> half$/m)
    expect(wide.match(/open:/g)).toHaveLength(1)
    await terminal.press('C-u')
    await terminal.resize(40, 24)
    await terminal.shows(/^open: settling · out 1 in 1 q 0\n>$/m)
    await terminal.type('y'.repeat(60))
    await terminal.shows(/^> y{38}\ny{22}\nanswer\nopen: settling · out 2 in 2 q 0\n>$/m)
    // Wide characters, two columns each.
    await terminal.type('漢字'.repeat(12))
    await terminal.shows(/^> (漢字){9}漢\n字(漢字){2}\nanswer\nopen: settling · out 3 in 3 q 0\n>$/m)
    await terminal.press('C-d')
    await terminal.shows(/exit code 0/)
  })

  test('a server cannot control the terminal', async () => {
    await using rude = await server({
      onConnection: (socket) => {
        socket.send('clear \u001b[2J\u001b[H title \u001b]0;owned\u0007 back \rspace\u0008 bidi \u202e')
        socket.close(4000, 'reason \u001b[2J')
      },
    })
    await using terminal = await Terminal.open(80, 24)
    await terminal.type('echo still here')
    await terminal.type(`${process.execPath} ${main} connect --no-reconnect ${rude.url}; echo "exit code $?"`)
    const screen = await terminal.shows(/exit code 1/)
    expect(screen).toContain('still here')
    expect(screen).toContain('clear \\x1b[2J\\x1b[H title \\x1b]0;owned\\x07 back \\x0dspace\\x08 bidi \\u202e')
    expect(screen).toMatch(/statewire: ended: closed 4000 reason {1,2}\[2J/)
  })

  test('a server cannot reorder, hide or overwrite the status row', async () => {
    const reason =
      '\u202egnp\u2066\u200b\u2028\u009b2J\ufeffz\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301'
    await using rude = await server({ onConnection: (socket) => socket.close(4000, reason) })
    await using terminal = await Terminal.open(110, 24)
    await terminal.start(`connect ${rude.url}`)
    const screen = await terminal.shows(/^backoff: closed 4000 .*attempt \d+ in /m)
    expect(screen).toMatch(/^statewire: lost: closed 4000 \ufffdgnp\ufffd 2J\ufffdz/m)
    expect(screen.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    expect(screen).not.toMatch(/\p{M}{7}/u)
    await terminal.press('C-c')
    await terminal.shows(/exit code 130/)
  })

  test('a close reason of wide characters leaves no artifacts of the status row', async () => {
    await using rude = await server({ onConnection: (socket) => socket.close(4000, '漢'.repeat(25)) })
    await using terminal = await Terminal.open(100, 24)
    // Without a line to type in: then the row is erased by its computed width.
    await terminal.type(`clear; sleep 60 | ${process.execPath} ${main} connect ${rude.url}`)
    await terminal.shows(/^statewire: lost: closed 4000 漢/m)
    for (let look = 0; look < 20; look++) {
      const rows = await terminal.rows()
      expect(rows.filter((row) => /^(?:backoff|connecting|open)/.test(row)).length).toBeLessThanOrEqual(1)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    await terminal.press('C-c')
  })

  test('piped input keeps the status row on stderr; piped output gets lines instead', async () => {
    await using echo = await server()
    await using terminal = await Terminal.open(80, 24)
    await terminal.type(`clear; (echo one; sleep 60) | ${process.execPath} ${main} connect ${echo.url}`)
    await terminal.shows(/^one\nopen: settling · sent 1 received 1 queued 0$/m)
    await terminal.press('C-c')
    await terminal.shows(/^one\nstatewire: [\d.]+ s, 1 sent, 1 received$/m)
    await terminal.type(`clear; echo one | ${process.execPath} ${main} connect ${echo.url} | sed s/one/two/`)
    await terminal.shows(/^statewire: open[^]*^two$/m)
    await terminal.shows(/^statewire: [\d.]+ s, 1 sent, 1 received$/m)
  })

  test('the first Ctrl-C starts the closing handshake, and the second exits at once', async () => {
    await using echo = await server()
    await using terminal = await Terminal.open(80, 24)
    await terminal.start(`connect ${echo.url}`)
    await terminal.shows(/^open: /m)
    echo.swallow('both')
    await terminal.press('C-c')
    await terminal.shows(/^closing: by you/m)
    await terminal.press('C-c')
    await terminal.shows(/exit code 130/)
    await terminal.type('stty -a')
    await terminal.shows(/[^-]icanon[^]*[^-]echo /)
  })

  test('the output is readable without colors and on a dumb terminal', async () => {
    await using echo = await server()
    for (const [env, colours] of [
      [{ NO_COLOR: '1' }, false],
      [{}, true],
    ] as const) {
      await using terminal = await Terminal.open(80, 24, env)
      await terminal.start(`connect ${echo.url}`)
      await terminal.shows(/^open: /m)
      // oxlint-disable-next-line no-control-regex -- they are what is looked for
      expect(/\u001b\[\d*3[123]m/.test((await terminal.rows({ colours: true })).join('\n'))).toBe(colours)
      await terminal.press('C-c')
    }
    await using dumb = await Terminal.open(80, 24)
    await dumb.type('export TERM=dumb')
    await dumb.start(`connect ${echo.url}`)
    await dumb.shows(/^statewire: open$/m)
    await dumb.type('hello')
    await dumb.shows(/^hello\nhello$/m)
    await dumb.press('C-d')
    await dumb.shows(/exit code 0/)
  })
})
