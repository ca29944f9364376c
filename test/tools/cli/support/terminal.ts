import { spawnSync } from 'node:child_process'
import { main, root } from './program.js'
import { endBy, run as execute } from '../../../support/processes.js'

export const haveTmux = spawnSync('tmux', ['-V']).status === 0

let terminals = 0

/** A real terminal: a shell in a tmux of its own. */
export class Terminal implements AsyncDisposable {
  readonly #name = `statewire-test-${process.pid}-${++terminals}`

  static async open(width: number, height: number, env: Record<string, string> = {}): Promise<Terminal> {
    const terminal = new Terminal()
    // The server of tmux leaves the group of what started it.
    endBy(['tmux', '-L', terminal.#name, 'kill-server'])
    const set = Object.entries({ PS1: '$ ', ...env }).flatMap(([name, value]) => ['-e', `${name}=${value}`])
    const size = ['-x', String(width), '-y', String(height)]
    await terminal.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, ...set, '-c', root, 'sh')
    return terminal
  }

  async #tmux(...args: string[]): Promise<string> {
    // CI and editors set these, and they would decide about colours.
    const { NO_COLOR: _no, FORCE_COLOR: _force, ...env } = process.env
    return (await execute('tmux', ['-L', this.#name, ...args], { env })).stdout
  }

  /** Types a line. */
  async type(line: string): Promise<void> {
    await this.#tmux('send-keys', '-l', line)
    await this.#tmux('send-keys', 'Enter')
  }

  /** Starts `statewire` here; when it is over, its exit code is on the screen, and what it is a child of goes on. */
  async start(args: string): Promise<void> {
    await this.type(`clear; ${process.execPath} ${main} ${args}; echo "exit code $?"`)
  }

  /** Presses one key: a letter, or a name such as `C-c` or `Up`. */
  async press(key: string): Promise<void> {
    await this.#tmux('send-keys', key)
  }

  /** The rows on the screen. With `colours`, with the sequences that make them. */
  async rows({ colours = false } = {}): Promise<string[]> {
    const text = await this.#tmux('capture-pane', '-p', ...(colours ? ['-e'] : []))
    return text.trimEnd().split('\n')
  }

  /** All that was ever on the screen, with broken rows joined. */
  async text(): Promise<string> {
    return this.#tmux('capture-pane', '-p', '-J', '-S', '-')
  }

  /** Waits until the screen shows it, and returns the screen. */
  async shows(pattern: RegExp, within = 10_000): Promise<string> {
    const end = Date.now() + within
    for (;;) {
      const screen = (await this.rows()).join('\n')
      if (pattern.test(screen)) return screen
      if (Date.now() > end) throw new Error(`${String(pattern)} is not on the screen after ${within} ms:\n${screen}`)
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  }

  async resize(width: number, height: number): Promise<void> {
    await this.#tmux('resize-window', '-x', String(width), '-y', String(height))
  }

  async cursorIsVisible(): Promise<boolean> {
    return (await this.#tmux('display-message', '-p', '#{cursor_flag}')).trim() === '1'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux('kill-server').catch(() => {})
  }
}
