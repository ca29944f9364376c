import { request, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Rig } from '../../../src/tools/cli/lab/rig.js'
import { Site } from '../../../src/tools/cli/lab/site.js'

interface Answer {
  readonly status: number
  readonly body: string
  readonly headers: IncomingMessage['headers']
}

let rig: Rig
let site: Site

beforeAll(async () => {
  rig = await Rig.start()
  site = await Site.start(rig)
})
afterAll(async () => {
  await site.close()
  await rig.close()
})

function ask(path: string, { method = 'GET', headers = {}, body = '' } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, site.url), { method, headers }, (response) => {
      const { statusCode: status = 0 } = response
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        if (response.headers['content-type'] === 'text/event-stream') asked.destroy()
      })
      response.on('close', () => resolve({ status, body: text, headers: response.headers }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

const own = (): string => new URL(site.url).origin
const command = (body: object | string, origin: string | undefined = own()): Promise<Answer> =>
  ask('do', {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: origin === undefined ? {} : { origin },
  })

describe('the lab as a page', () => {
  test('is served with the viewer, each under a strict content security policy', async () => {
    const lab = await ask('')
    expect(lab.status).toBe(200)
    expect(lab.body).toContain("default-src 'none'")
    const { host } = new URL(site.url)
    expect(lab.headers['content-security-policy']).toMatch(
      new RegExp(`^connect-src http://${host}(?: ws://127\\.0\\.0\\.1:\\d+){3}; frame-ancestors 'none'$`),
    )
    const viewer = await ask('viewer.html')
    expect(viewer.body).toContain("default-src 'none'")
    expect(viewer.headers['content-security-policy']).toContain('sandbox allow-scripts')
    for (const { headers } of [lab, viewer]) expect(headers['cache-control']).toBe('no-store')
  })

  test('streams the address of the page’s server first', async () => {
    const { body, headers } = await ask('events')
    expect(headers['content-type']).toBe('text/event-stream')
    const told: unknown = JSON.parse(/^data: (.*)$/m.exec(body)![1]!)
    expect(told).toMatchObject({ kind: 'hello', server: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+/) as string })
  })

  test.each([
    ['under another name', { host: 'rebound.example' }],
    ['from a page elsewhere', { origin: 'https://evil.example' }],
    ['from a page without an origin', { origin: 'null' }],
  ])('refuses requests %s', async (_, headers) => {
    for (const path of ['', 'viewer.html', 'events', 'do']) {
      expect(await ask(path, { headers })).toMatchObject({ status: 403, body: '403\n' })
      expect(await ask(path, { headers, method: 'POST', body: '{"act":"close"}' })).toMatchObject({ status: 403 })
    }
    expect(rig.connection.state).not.toBe('ended')
  })

  test('refuses a command without an origin', async () => {
    expect(await ask('do', { method: 'POST', body: '{"act":"close"}' })).toMatchObject({ status: 403 })
    expect(rig.connection.state).not.toBe('ended')
  })

  test('refuses unknown and oversized requests', async () => {
    expect(await command('{')).toMatchObject({ status: 400 })
    expect(await command({ act: 'open', padding: 'x'.repeat(2_000) })).toMatchObject({ status: 400 })
    expect(await ask('elsewhere')).toMatchObject({ status: 404 })
    expect(await ask('', { method: 'DELETE' })).toMatchObject({ status: 405 })
  })

  test('injects and heals on the named sides only', async () => {
    expect(await command({ act: 'inject', sides: ['node'], fault: 'partition' })).toMatchObject({ status: 204 })
    expect(rig.fault?.name).toBe('partition')
    expect(await command({ act: 'inject', sides: ['browser'], fault: 'refuse' })).toMatchObject({ status: 204 })
    expect(rig.fault?.name).toBe('partition')
    expect(await command({ act: 'heal', sides: ['browser', 'node'] })).toMatchObject({ status: 204 })
    expect(rig.fault).toBeUndefined()
  })

  test('a new fault replaces the active one', async () => {
    await command({ act: 'inject', sides: ['node'], fault: 'refuse' })
    await command({ act: 'inject', sides: ['node'], fault: 'partition' })
    await command({ act: 'heal', sides: ['node'] })
    // With `refuse` still active, it could not open.
    await rig.connection.opened({ signal: AbortSignal.timeout(15_000) })
  })

  test('prefixes the ids of the connection in Node', async () => {
    const response = await fetch(`${site.url}events`)
    let text = ''
    for await (const chunk of response.body!) {
      text += Buffer.from(chunk as Uint8Array).toString()
      if (text.includes('"@xstate.snapshot"')) break
    }
    const told = text.split('\n\n').filter((each) => each.includes('"kind":"inspection"'))
    const ids = told.flatMap((each) => {
      const { message } = JSON.parse(each.slice('data: '.length)) as { message: Record<string, string> }
      return [message['sessionId'], message['rootId']]
    })
    expect(ids.length).toBeGreaterThan(1)
    for (const id of ids) expect(id).toMatch(/^node\//)
  })

  test('calls open(), close() and reconnect() of the connection in Node', async () => {
    await command({ act: 'close' })
    await rig.connection.ended()
    await command({ act: 'open' })
    await rig.connection.opened()
    const { sent } = rig.connection.counters
    await command({ act: 'reconnect' })
    await expect.poll(() => rig.connection.counters.sent).toBeGreaterThan(sent)
    expect(rig.since(0).filter(({ what }) => what === 'open').length).toBeGreaterThanOrEqual(3)
  })
})

test('a taken port rejects', async () => {
  const { port } = new URL(site.url)
  await expect(Site.start(rig, Number(port))).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
