import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { stages } from '../../../src/tools/cli/lab/stages.js'
import { main, Program, run } from './support/program.js'
import { haveTmux, Terminal } from './support/terminal.js'

// In one file, because these tests mostly wait and can do so concurrently.

const row = /^(ok|FAIL) +(.+?) +(-|[\d.]+ s) +(-|[\d.]+ s) +(\d+) +(\d+) +(\d+) +(\d+)$/gm

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

describe.concurrent('without a terminal, the lab', () => {
  test('runs every stage of the tour, its numbers add up, and it exits with 0', { timeout: 90_000 }, async () => {
    const { code, stdout, stderr } = await run('lab')
    expect(stderr).toBe('')
    const rows = [...stdout.matchAll(row)]
    expect(rows.map(([, mark, name]) => [mark, name])).toEqual(stages.map(({ name }) => ['ok', name]))
    const sum = (column: number): number => rows.reduce((total, cells) => total + Number(cells[column]), 0)
    // Every sent message was echoed or is uncertain.
    expect(sum(5)).toBe(sum(6) + sum(8))
    expect(sum(8)).toBeGreaterThan(0)
    expect(stdout).toMatch(
      new RegExp(
        `^All ${stages.length} stages passed in [\\d.]+ s: ${sum(5)} messages sent,\\s${sum(6)} echoed,\\s${sum(8)}\\suncertain`,
        'm',
      ),
    )
    // oxlint-disable-next-line no-control-regex -- no terminal, no sequences
    expect(stdout).not.toMatch(/\u001b/)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    expect(code).toBe(0)
  })

  test('exits with 1 at the first recovery that misses the deadline', { timeout: 30_000 }, async () => {
    const { code, stdout, stderr } = await run('lab', '--tour', '--deadline', '1.5')
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^ok +connect/m)
    expect(stdout).toMatch(/^FAIL +black hole/m)
    expect(stdout).not.toMatch(/^(ok|FAIL) +reset/m)
    expect(stdout).toMatch(/^FAILED after [\d.]+ s, at 'black hole': [^]*8\sof\s10\sstages/m)
    expect(code).toBe(1)
  })

  test('with --page, serves the page at the printed address until interrupted', { timeout: 30_000 }, async () => {
    const program = new Program(['lab', '--page'])
    const [, url = '', port = ''] = await program.wrote(/(http:\/\/127\.0\.0\.1:(\d+)\/)/)
    expect(await (await fetch(url)).text()).toContain('statewire lab')
    program.process.kill('SIGINT')
    expect(await program.ended).toMatchObject({ code: 130, stderr: '' })
    expect(await isListening(Number(port))).toBe(false)
  })

  test('reports a taken port, and exits with 1', { timeout: 30_000 }, async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { code, stderr } = await run('lab', '--page', '--port', String(port))
    server.close()
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^statewire: cannot listen: .*EADDRINUSE.*\n$/) as string,
    })
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('on %s, closes its port and exits with %i', { timeout: 30_000 }, async (signal, expected) => {
    const program = new Program(['lab'])
    const port = Number((await program.wrote(/127\.0\.0\.1:(\d+)/))[1])
    await program.wrote(/^ok +connect/m)
    expect(await isListening(port)).toBe(true)
    program.process.kill(signal)
    const { code, stdout, stderr } = await program.ended
    expect({ code, stderr }).toEqual({ code: expected, stderr: '' })
    expect(stdout).not.toContain('FAIL')
    expect(await isListening(port)).toBe(false)
  })

  test('exits quietly when stdout is closed', { timeout: 30_000 }, async () => {
    const program = new Program(['lab'])
    await program.wrote(/^statewire lab/m)
    program.process.stdout!.destroy()
    const { code, stderr } = await program.ended
    expect({ code, stderr }).toEqual({ code: 141, stderr: '' })
  })
})

const title = haveTmux ? 'the lab in a real terminal' : 'the lab in a real terminal (SKIPPED: tmux is not installed)'

describe.skipIf(!haveTmux).concurrent(title, { timeout: 60_000 }, () => {
  test('keys inject faults, which are shown and recovered from', async () => {
    await using terminal = await Terminal.open(80, 30)
    await terminal.start('lab')
    await terminal.shows(/See it in a browser: http:\/\/127\.0\.0\.1:\d+\//)
    await terminal.shows(/open: stable · attempt 1 · rtt/)
    expect(await terminal.cursorIsVisible()).toBe(false)

    await terminal.press('b')
    await terminal.shows(/\[b\]lack hole\*/)
    await terminal.shows(/open: silent for/)
    await terminal.shows(/lost: heartbeat timeout \(4000\), \d+ messages uncertain/)
    await terminal.shows(/open again, attempt 2/)
    await terminal.shows(/uncertain [1-9]/)
    // The fault ends with its link.
    await terminal.shows(/\[b\]lack hole \[p\]/)

    await terminal.press('f')
    await terminal.shows(/backoff: HTTP 503 · attempt \d in [\d.]+ s, as the server asked/)
    await terminal.press('o')
    await terminal.shows(/open: (settling|stable)[^]*queued 0/)

    await terminal.press('k')
    await terminal.shows(/backoff: ECONNREFUSED[^]*queued [1-9]/)
    // An arrow key does nothing.
    await terminal.press('Up')
    await terminal.press('o')
    await terminal.shows(/sent \d+ queued messages/)

    await terminal.press('c')
    await terminal.shows(/ended: closed by you/)
    await terminal.press('n')
    await terminal.shows(/open: (settling|stable)/)
    await terminal.press('q')
    await terminal.shows(/s: \d+ messages sent, \d+ echoed, \d+ still queued, \d+ uncertain\.\nexit code 0/)
    expect(await terminal.cursorIsVisible()).toBe(true)
  })

  test('a slow link is kept, and every message is echoed after healing', async () => {
    await using terminal = await Terminal.open(80, 30)
    await terminal.start('lab')
    await terminal.shows(/open: stable/)
    await terminal.press('s')
    await terminal.shows(/rtt 1\.4\d s/)
    await terminal.press('o')
    await terminal.shows(/rtt [\d.]+ ms[^]*uncertain 0/)
    expect(await terminal.text()).not.toMatch(/lost:/)
    // A black hole that is healed before it is detected loses nothing.
    await terminal.press('b')
    await terminal.press('o')
    await terminal.shows(/cleared black hole[^]*open: stable[^]*uncertain 0/)
    await terminal.press('C-c')
    await terminal.shows(/exit code 130/)
  })

  test('the status rows never wrap, even after a resize', async () => {
    await using terminal = await Terminal.open(80, 24)
    await terminal.start('lab')
    await terminal.shows(/open: stable/)
    for (const [width, height] of [
      [45, 5],
      [120, 3],
      [30, 5],
    ] as const) {
      await terminal.resize(width, 20)
      await terminal.press('r')
      // From the ruler to the end of the screen. A wrapped row, or the rest of an old one, would add a row.
      const ruler = '-'.repeat(width - 1)
      await terminal.shows(new RegExp(`(?<!-)\n${ruler}\n(backoff|connecting): .*(\n.*){${height - 2}}$`))
      await terminal.shows(new RegExp(`(?<!-)\n${ruler}\nopen: .*(\n.*){${height - 2}}$`))
    }
    await terminal.press('q')
    await terminal.shows(/exit code 0/)
  })

  test.each([
    ['C-c', 130],
    ['C-d', 0],
  ])('%s restores the terminal, even during a fault', async (key, code) => {
    await using terminal = await Terminal.open(80, 24)
    await terminal.start('lab')
    await terminal.shows(/open: /)
    await terminal.press('p')
    await terminal.shows(/\[p\]artition\*/)
    await terminal.press(key)
    await terminal.shows(new RegExp(`exit code ${code}`))
    expect(await terminal.cursorIsVisible()).toBe(true)
    await terminal.type('stty -a')
    await terminal.shows(/[^-]icanon[^]*[^-]echo /)
  })

  test('SIGTERM restores the terminal', async () => {
    await using terminal = await Terminal.open(80, 24)
    // `exec` keeps the shell's process id.
    await terminal.type(`sh -c 'echo number $$; exec ${process.execPath} ${main} lab'; echo "exit code $?"`)
    const screen = await terminal.shows(/open: stable/)
    process.kill(Number(/^number (\d+)/m.exec(screen)?.[1]), 'SIGTERM')
    await terminal.shows(/exit code 143/)
    expect(await terminal.cursorIsVisible()).toBe(true)
  })

  test('NO_COLOR turns colors off, and the text still shows the active fault', async () => {
    for (const [env, colours] of [
      [{ NO_COLOR: '1' }, false],
      [{}, true],
    ] as const) {
      await using terminal = await Terminal.open(80, 24, env)
      await terminal.start('lab')
      await terminal.shows(/open: stable/)
      await terminal.press('k')
      await terminal.shows(/backoff: ECONNREFUSED[^]*\[k\]ill\*/)
      // oxlint-disable-next-line no-control-regex -- the test looks for them
      expect(/\u001b\[\d*3[123]m/.test((await terminal.rows({ colours: true })).join('\n'))).toBe(colours)
      await terminal.press('q')
    }
  })

  test('the tour shows the status below its results, and Ctrl-C ends it', async () => {
    await using terminal = await Terminal.open(45, 24)
    await terminal.start('lab --tour')
    await terminal.shows(/^ok +connect/m)
    await terminal.shows(/^2 of 10: black hole\nopen: /m)
    await terminal.shows(/^ok +black hole\n +detected [\d.]+ s/m)
    await terminal.press('C-c')
    await terminal.shows(/exit code 130/)
    expect(await terminal.cursorIsVisible()).toBe(true)
  })

  test('on a dumb terminal, it runs the tour without moving the cursor', async () => {
    await using terminal = await Terminal.open(80, 24)
    await terminal.type('export TERM=dumb')
    await terminal.start('lab')
    await terminal.shows(/^ok +connect/m)
    expect(await terminal.cursorIsVisible()).toBe(true)
    await terminal.press('C-c')
    await terminal.shows(/exit code 130/)
  })
})
