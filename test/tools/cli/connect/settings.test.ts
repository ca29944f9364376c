import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isUsageError } from '../../../../src/tools/cli/command.js'
import { parse } from '../../../../src/tools/cli/connect/settings.js'

const url = 'ws://server.test/'

/** What the user is told. */
function complaint(...args: string[]): string {
  try {
    parse(args)
  } catch (error) {
    if (isUsageError(error)) return error.message
    throw error
  }
  return 'none'
}

let folder: string
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'statewire-headers-'))))
afterAll(() => rm(folder, { recursive: true }))

test('without options, connect sends protocol pings, retries, and prints text as text', () => {
  expect(parse([url])).toEqual({
    url,
    headers: {},
    protocols: [],
    heartbeat: { ping: 'protocol', interval: 20_000, timeout: 10_000, when: 'idle', proof: 'any' },
    ca: undefined,
    insecure: false,
    proxy: undefined,
    identity: undefined,
    resume: undefined,
    send: 'text',
    json: false,
    binary: 'hex',
    save: undefined,
    record: undefined,
    once: false,
    reconnect: true,
    giveUpAfter: undefined,
    wait: undefined,
    status: undefined,
  })
})

describe('headers', () => {
  test('come from the command line and from files, with case and colons kept', async () => {
    const file = join(folder, 'some')
    await writeFile(file, 'Cookie: a=b: c\r\n\r\nX-Empty:\n')
    expect(parse([url, '-H', 'Authorization: Bearer x', '--header', `@${file}`]).headers).toEqual({
      Authorization: 'Bearer x',
      Cookie: 'a=b: c',
      'X-Empty': '',
    })
  })

  test.each([
    ['no colon', ['-H', 'secret']],
    ['no name', ['-H', ': secret']],
    ['a space in the name', ['-H', 'X secret: y']],
    ['two lines', ['-H', 'X: secret\r\nY: secret']],
    ['one name twice', ['-H', 'X: secret', '-H', 'x: secret']],
    ['what the handshake sets', ['-H', 'Sec-WebSocket-Protocol: secret']],
  ])('that cannot be sent are refused, and not shown: %s', (_, args) => {
    expect(complaint(url, ...args)).toMatch(/^--header/)
    expect(complaint(url, ...args)).not.toContain('secret')
  })

  test('may have the names of inherited object properties', () => {
    const names = ['constructor', 'toString', '__proto__', 'hasOwnProperty']
    const { headers } = parse([url, ...names.flatMap((name) => ['-H', `${name}: x`])])
    expect(Object.entries(headers)).toEqual(names.map((name) => [name, 'x']))
    expect(Object.entries({ ...headers })).toHaveLength(names.length)
  })

  test('in a missing file are a usage error', () => {
    expect(complaint(url, '-H', `@${join(folder, 'none')}`)).toMatch(/cannot be read: ENOENT/)
  })
})

describe('the heartbeat', () => {
  test('takes its times in seconds', () => {
    expect(parse([url, '--interval', '5', '--timeout', '2.5']).heartbeat).toMatchObject({
      interval: 5_000,
      timeout: 2_500,
    })
  })

  test('may be a text with its answer', () => {
    const { ping, classify } = parse([url, '--heartbeat', 'text:{"op":"ping"}={"op":"pong"}']).heartbeat!
    expect((ping as () => unknown)()).toBe('{"op":"ping"}')
    expect(['{"op":"pong"}', 'x'].map((text) => classify?.(text))).toEqual(['pong', undefined])
    expect(parse([url, '--heartbeat', 'text:ping']).heartbeat!.classify?.('pong')).toBe('pong')
  })

  test('may be the server’s, or off', () => {
    expect(parse([url, '--heartbeat', 'server']).heartbeat).toMatchObject({ ping: 'none', interval: 20_000 })
    expect(parse([url, '--heartbeat', 'off']).heartbeat?.interval).toBe(Infinity)
  })
})

test.each([
  [[], /^missing URL$/],
  [[url, 'Bearer', 'secret'], /^2 arguments too many; quote arguments that contain spaces$/],
  [[url, '--heartbeat', 'secret'], /^--heartbeat \(of 6 characters\) must be ping, text:PING=PONG, server, or off$/],
  [[url, '--heartbeat', 'text:=x'], /text on both sides/],
  [[url, '--heartbeat', 'off', '--interval', '5'], /require a heartbeat/],
  [[url, '--interval', '0'], /--interval \(0\) must be a number of seconds/],
  [[url, '--cert', 'x'], /--cert and --key must be used together/],
  [[url, '--send', 'octal'], /--send \(octal\) must be one of text, hex, base64/],
  [[url, '--wait', 'long'], /--wait \(long\) must be/],
  [[url, '--json', '--binary', 'hex'], /cannot be combined with --json/],
  [[url, '--save', 'x', '--binary', 'hex'], /cannot be combined with --save/],
  [[url, '--binary', 'octal'], /one of hex, base64, raw/],
  [[url, '--quiet', '--status', 'lines'], /--quiet cannot be combined with --status/],
  [[url, '--heder', 'x'], /^there is no option --heder; did you mean --header\?$/],
  [[url, '--haeder=secret'], /^there is no option --haeder; did you mean --header\?$/],
  [[url, '--Header', 'x'], /did you mean --header\?$/],
  [[url, '-header', 'x: y'], /did you mean --header\?$/],
  [[url, '--reconnect'], /^there is no option --reconnect$|did you mean --no-reconnect\?$/],
  [[url, '--insec'], /did you mean --insecure\?$/],
  [[url, '--hlep'], /did you mean --help\?$/],
  [[url, '--colour'], /^there is no option --colour$/],
  [[url, '-x'], /^there is no option -x$/],
  [[url, `--${'x'.repeat(100_000)}`], /^there is no option --x+$/],
  [[url, '--insecure', '--ca', 'x'], /--insecure cannot be combined with --ca/],
])('%j makes no sense', (args, message) => {
  expect(complaint(...args)).toMatch(message)
})

test('--give-up-after takes a positive number of seconds', () => {
  expect(parse([url, '--give-up-after', '2.5']).giveUpAfter).toBe(2_500)
  for (const given of ['0', '', 'forever', '86401'])
    expect(complaint(url, '--give-up-after', given)).toMatch(/^--give-up-after \(.*\) must be a number of seconds/)
})

test('--wait takes seconds, or forever', () => {
  expect(parse([url, '-w', '0']).wait).toBe(0)
  expect(parse([url, '--wait', 'forever']).wait).toBe(Infinity)
})

describe('--resume', () => {
  const context = { signal: new AbortController().signal, attempt: 1 }

  test('uses the heartbeat of the session, with the given times', () => {
    const { resume, heartbeat } = parse(['--resume', '--interval', '2', '--timeout=1', url])
    expect(resume).toEqual({ heartbeat: { interval: 2_000, timeout: 1_000 } })
    expect(heartbeat).toBeUndefined()
    expect(complaint('--resume', '--heartbeat', 'ping', url)).toBe(
      '--heartbeat cannot be combined with --resume, which has its own',
    )
  })

  test('takes credentials from the command line or from a file', async () => {
    const file = join(folder, 'token')
    await writeFile(file, 'from-file\n')
    for (const [given, expected] of [
      ['from-line', 'from-line'],
      [`@${file}`, 'from-file'],
    ] as const) {
      expect(parse(['--resume', '--auth', given, url]).resume?.auth?.(context)).toBe(expected)
    }
  })

  test('is required for credentials, which no error shows', () => {
    expect(complaint('--auth', 'secret', url)).toBe('--auth requires --resume; for other servers, use --header')
    expect(complaint('--resume', '--auth', '@/no/such/file', url)).toMatch(/^--auth @\/no\/such\/file cannot be read/)
  })
})
