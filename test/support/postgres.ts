// A Postgres for tests: in a directory of its own, on a Unix socket there.
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ending, run, spawn } from './processes.js'

const versions = '/usr/lib/postgresql'

/** The folder of Debian's newest version. */
function find(): string | undefined {
  if (!existsSync(versions)) return undefined
  const newest = readdirSync(versions).toSorted((a, b) => Number(b) - Number(a))
  return newest.map((version) => join(versions, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')))
}

/** Why there can be no Postgres here. With `CI` set, that is a failure. */
export function missingPostgres(): string | undefined {
  if (find() !== undefined) return undefined
  const reason = `no Postgres in ${versions}: install the package postgresql`
  if (process.env['CI']) throw new Error(reason)
  console.warn(`SKIPPED: ${reason}`)
  return reason
}

export interface Postgres {
  /** For `pg`. */
  readonly url: string
  /** The rows as text, their columns separated by `|`. */
  query(sql: string): Promise<string[]>
  remove(): Promise<void>
}

export async function startPostgres(): Promise<Postgres> {
  const bin = find()
  if (bin === undefined) throw new Error('Postgres is not installed')
  const folder = await mkdtemp(join(tmpdir(), 'statewire-postgres-'))
  const data = join(folder, 'data')
  // It refuses to run as root. `setpriv` becomes the command, so the process is its own.
  const isRoot = process.getuid?.() === 0
  const as = isRoot ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : []
  if (isRoot) {
    const [user, group] = await Promise.all(['-u', '-g'].map((which) => run('id', [which, 'postgres'])))
    await chown(folder, Number(user!.stdout), Number(group!.stdout))
  }
  const command = (name: string, ...args: string[]): [string, string[]] => {
    const [first, ...rest] = [...as, join(bin, name), ...args] as [string, ...string[]]
    return [first, rest]
  }
  const options = { cwd: folder }
  await run(...command('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'), options)
  const settings = ['listen_addresses=', 'shared_buffers=16MB', 'max_connections=50']
  const args = ['-D', data, '-k', folder, ...settings.flatMap((each) => ['-c', each])]
  const child = spawn(...command('postgres', ...args), { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
  let output = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4_000)))
  const psql = (sql: string) => ending(join(bin, 'psql'), ['-h', folder, '-U', 'postgres', '-XAtq', '-c', sql], options)
  for (const until = Date.now() + 30_000; (await psql('select 1')).code !== 0;) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`Postgres did not start:\n${output}`)
    await delay(50)
  }
  return {
    url: `postgres://postgres@/postgres?host=${encodeURIComponent(folder)}`,
    async query(sql) {
      const { code, stdout, stderr } = await psql(sql)
      if (code !== 0) throw new Error(stderr)
      return stdout.split('\n').filter((line) => line !== '')
    },
    async remove() {
      if (child.exitCode === null && child.signalCode === null) {
        // Without waiting for clients.
        child.kill('SIGINT')
        await once(child, 'exit')
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}
