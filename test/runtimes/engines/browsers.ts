import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromiumArgs, chromiumPath } from '../../support/chromium.js'
import { unless, type Bundle, type Engine } from './engine.js'
import { run, spawn } from '../../support/processes.js'

const firefoxPath = process.env['FIREFOX'] ?? '/usr/bin/firefox-esr'
const miniBrowser = process.env['MINIBROWSER'] ?? '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser'

/**
 * For Firefox: after a failed handshake it delays the next one to the same path by up to a minute (H09, which has its
 * own tests), and here a hundred handshakes fail on purpose. Of its six connections per server, each handshake left
 * behind in an endless or missing body occupies one.
 */
const preferences = `
user_pref("network.websocket.delay-failed-reconnects", false);
user_pref("network.http.max-persistent-connections-per-server", 200);
`

interface Browser {
  readonly name: string
  readonly missing: string | undefined
  readonly version: () => Promise<string>
  /** The command that opens one page with a profile of its own. */
  readonly open: (profile: string, url: string) => readonly [path: string, args: readonly string[]]
}

const lastWord = (text: string): string =>
  text
    .trim()
    .split('\n')[0]!
    .split(' ')
    .filter((word) => /\d/.test(word))
    .at(-1)!

const chromium: Browser = {
  name: 'chromium',
  missing: unless(chromiumPath, 'apt-get install chromium'),
  version: async () => (await run(chromiumPath, ['--version'])).stdout.match(/[\d.]+/)![0],
  open: (profile, url) => [chromiumPath, ['--headless', ...chromiumArgs, `--user-data-dir=${profile}`, url]],
}

const firefox: Browser = {
  name: 'firefox',
  missing: unless(firefoxPath, 'apt-get install firefox-esr'),
  version: async () => (await run(firefoxPath, ['--version'])).stdout.match(/[\d.]+/)![0],
  open: (profile, url) => [firefoxPath, ['--headless', '--no-remote', '--profile', profile, url]],
}

const webkit: Browser = {
  name: 'webkit',
  missing:
    unless(miniBrowser, 'apt-get install webkit2gtk-driver') ??
    unless('/usr/bin/xvfb-run', 'apt-get install xvfb xauth'),
  version: async () => lastWord((await run('/usr/bin/xvfb-run', ['-a', miniBrowser, '--version'])).stdout),
  // It needs a display. With an explicit authority file, xvfb-run creates no folder that it would leave behind when
  // killed.
  open: (profile, url) => [
    '/usr/bin/xvfb-run',
    ['-a', '-f', join(profile, 'Xauthority'), miniBrowser, '--private', url],
  ],
}

function engine(browser: Browser, where: keyof Bundle['page']): Engine {
  return {
    name: where === 'page' ? browser.name : `${browser.name} ${where}`,
    missing: browser.missing,
    suites: ['standard'],
    version: browser.version,
    async start({ page }) {
      const profile = await mkdtemp(join(tmpdir(), 'statewire-browser-'))
      await writeFile(join(profile, 'user.js'), preferences)
      const [path, args] = browser.open(profile, page[where])
      // A process group of its own: browsers run many processes.
      const child = spawn(path, args, { stdio: 'ignore', detached: true, env: { ...process.env, HOME: profile } })
      const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()))
      const stop = async (): Promise<void> => {
        try {
          process.kill(-child.pid!, 'SIGTERM')
        } catch {
          // Already exited.
        }
        await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, 3_000))])
        try {
          process.kill(-child.pid!, 'SIGKILL')
        } catch {
          // Already exited.
        }
        await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
      }
      return { stop }
    },
  }
}

export const browsers: readonly Engine[] = [
  engine(chromium, 'page'),
  engine(chromium, 'worker'),
  engine(chromium, 'shared-worker'),
  engine(firefox, 'page'),
  engine(firefox, 'worker'),
  engine(webkit, 'page'),
  engine(webkit, 'worker'),
  engine(webkit, 'shared-worker'),
]
