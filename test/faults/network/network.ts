// Two network namespaces with a virtual cable between them, created for one test and removed after it. Every command
// runs inside one of the two; the machine's own interfaces and rules are never touched.
import { execFileSync } from 'node:child_process'
import { run } from '../../support/processes.js'

/** Of iproute2. */
export const IP = 'ip'
const OURS = /^statewire-(\d+)-\d+-[sc]$/
let made = 0

export type Side = 'server' | 'client'

export interface Network {
  readonly namespaces: Readonly<Record<Side, string>>
  readonly addresses: Readonly<Record<Side | 'spare', string>>
  readonly interfaces: Readonly<Record<Side, string>>
  /** Runs one command line in the namespace of one side. No quoting: words are split at blanks. */
  on(side: Side, command: string): Promise<string>
  dispose(): Promise<void>
}

export async function createNetwork(): Promise<Network> {
  const number = ++made
  const name = `statewire-${process.pid}-${number}`
  const namespaces = { server: `${name}-s`, client: `${name}-c` }
  const base = `10.231.${number % 256}`
  const addresses = { server: `${base}.1`, client: `${base}.2`, spare: `${base}.3` }
  const interfaces = { server: 'veth-s', client: 'veth-c' }
  const on = async (side: Side, command: string): Promise<string> => {
    const { stdout } = await run(IP, ['netns', 'exec', namespaces[side], ...command.split(' ')], { timeout: 20_000 })
    return stdout
  }
  const dispose = (): Promise<void> =>
    batch(
      ['-force'],
      Object.values(namespaces).map((namespace) => `netns del ${namespace}`),
    ).catch(() => {})
  try {
    await batch(
      [],
      Object.values(namespaces).map((namespace) => `netns add ${namespace}`),
    )
    // Both ends are created inside, so they never appear in the machine's own namespace.
    const cable = `link add ${interfaces.server} type veth peer name ${interfaces.client} netns ${namespaces.client}`
    await batch(['-n', namespaces.server], [cable])
    for (const side of ['server', 'client'] as const) {
      const address = `addr add ${addresses[side]}/29 dev ${interfaces[side]}`
      await batch(['-n', namespaces[side]], ['link set lo up', address, `link set ${interfaces[side]} up`])
    }
  } catch (error) {
    await dispose()
    throw error
  }
  return { namespaces, addresses, interfaces, on, dispose }
}

/** One process for several `ip` commands, because processes are slow to start. */
async function batch(options: readonly string[], commands: readonly string[]): Promise<void> {
  await run(IP, [...options, '-batch', '-'], { timeout: 20_000, input: `${commands.join('\n')}\n` })
}

/** Removes what a killed run has left behind: its processes, then its namespaces. */
export function sweep(): void {
  for (const line of execFileSync(IP, ['netns', 'list'], { encoding: 'utf8' }).split('\n')) {
    const [namespace = ''] = line.split(' ')
    const owner = OURS.exec(namespace)?.[1]
    if (owner === undefined || alive(Number(owner))) continue
    for (const pid of execFileSync(IP, ['netns', 'pids', namespace], { encoding: 'utf8' }).match(/\d+/g) ?? [])
      process.kill(Number(pid), 'SIGKILL')
    execFileSync(IP, ['netns', 'del', namespace])
  }
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Checks what the faults need, in a pair of namespaces of its own. Each result is the reason against it, or
 * `undefined`.
 */
export type Lacks = Readonly<Record<'namespaces' | Need, string | undefined>>
export type Need = keyof typeof needs

const needs = {
  drop: 'iptables -w -A INPUT -p tcp --dport 9 -j DROP',
  flags: 'iptables -w -A INPUT -p tcp --tcp-flags FIN FIN -j DROP',
  reset: 'iptables -w -A INPUT -p tcp --dport 9 -j REJECT --reject-with tcp-reset',
  unreachable: 'iptables -w -A INPUT -p tcp --dport 9 -j REJECT --reject-with icmp-host-unreachable',
  loss: 'iptables -w -A INPUT -m statistic --mode random --probability 0.2 -j DROP',
  length: 'iptables -w -A INPUT -p tcp -m length --length 60: -j DROP',
  ss: 'ss -tKH dst 10.231.0.255',
  tbf: 'tc qdisc add dev veth-s root tbf rate 256kbit burst 4kb limit 32kb',
  link: 'ip link show veth-s',
} as const

export async function probe(): Promise<Lacks> {
  const lacks: Record<string, string | undefined> = {}
  const reason = (error: unknown): string => {
    const { code, stderr = '', message } = error as { code?: unknown; stderr?: string; message: string }
    return code === 'ENOENT' ? 'no iproute2' : (stderr.trim() || message).split('\n')[0]!
  }
  let network: Network | undefined
  try {
    if (process.platform !== 'linux') throw new Error('not Linux')
    if (process.getuid?.() !== 0) throw new Error('not root')
    sweep()
    network = await createNetwork()
  } catch (error) {
    lacks['namespaces'] = reason(error)
  }
  for (const [need, command] of Object.entries(needs))
    lacks[need] = lacks['namespaces'] ?? (await network!.on('server', command).then(() => undefined, reason))
  await network?.dispose()
  return lacks as Lacks
}
