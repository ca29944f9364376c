import { createConnection } from '../../../../index.js'
import { linkViewer } from '../../../inspect/index.js'
import type { PageCommand, Told } from '../protocol.js'
import { connectionOptions, echoedPing } from '../settings.js'
import { Traffic } from '../traffic.js'
import { SessionTraffic } from '../session-traffic.js'
import { Controls } from './controls.js'
import { SessionPanel } from './session-panel.js'
import { Status } from './status.js'

const silent = 'The lab’s process does not answer. It has ended or is busy.'

/** Receives events from the lab's process, and sends it commands. */
class Channel {
  readonly #told: (told: Told) => void
  readonly #report: (text: string | undefined) => void
  #source: EventSource | undefined

  constructor(told: (told: Told) => void, report: (text: string | undefined) => void) {
    this.#told = told
    this.#report = report
  }

  /** Subscribes. The process sends everything again after each call, and after a lost connection. */
  listen(): void {
    this.#source?.close()
    const source = (this.#source = new EventSource('events'))
    source.addEventListener('message', ({ data }: MessageEvent<string>) => this.#told(JSON.parse(data) as Told))
    source.addEventListener('open', () => this.#report(undefined))
    source.addEventListener('error', () => this.#report(silent))
  }

  async send(command: PageCommand): Promise<void> {
    try {
      const response = await fetch('do', { method: 'POST', body: JSON.stringify(command) })
      this.#report(response.ok ? undefined : `The lab could not do that: ${await response.text()}`)
    } catch {
      this.#report(silent)
    }
  }
}

/** Between two updates of this page's own counts. Milliseconds. */
const countEvery = 250

const find = (selector: string): HTMLElement => document.querySelector<HTMLElement>(selector)!

const frame = document.querySelector('iframe')!
const notice = find('#notice')
// The viewer is sandboxed, so it has no origin.
const viewer = linkViewer(frame, { origin: 'null' })
const status = new Status(document, ['browser', 'node'])

/** This page's own connection. Replaced when the lab's process has restarted with another server. */
let own: { readonly key: string; readonly traffic: Traffic; readonly hide: () => void } | undefined
/** Where it may dial. */
let places: Pick<Extract<Told, { kind: 'hello' }>, 'server' | 'nodes'> | undefined

function connect(): void {
  if (places === undefined) return
  const { server, nodes } = places
  const key = `${server} ${panel.isUsed}`
  if (own?.key === key) return
  own?.hide()
  void own?.traffic.close()
  const traffic = panel.isUsed
    ? SessionTraffic.to(nodes)
    : new Traffic(createConnection(server, connectionOptions(echoedPing())))
  traffic.on(({ what }) => {
    if (what !== 'open') void channel.send({ act: 'link-lost' })
  })
  const session = traffic instanceof SessionTraffic ? traffic.session : undefined
  const name = session === undefined ? 'browser' : 'browser, session'
  own = { key, traffic, hide: viewer.show(traffic.connection, { name, session }) }
}

function receive(told: Told): void {
  switch (told.kind) {
    case 'hello':
      places = told
      connect()
      controls.offer(told.faults)
      find('#engines').textContent = `Engines: ${told.engines.browser} in this page, ${told.engines.node} in Node.`
      find('#settings').textContent = told.settings
      find('#terms').textContent = told.terms
      find('#session-terms').textContent = told.session
      return
    case 'faults':
      return controls.mark(told.faults)
    case 'nodes':
      return panel.mark(told.up)
    case 'count':
      return status.show('node', told.count)
    case 'inspection':
      return frame.contentWindow?.postMessage(told.message, '*')
  }
}

const channel = new Channel(receive, (text) => {
  notice.hidden = text === undefined
  notice.textContent = text ?? ''
})

const panel = new SessionPanel(document, {
  use() {
    connect()
    // Without the connection that has just been replaced.
    frame.src = 'viewer.html'
  },
  act: (act, node) => void channel.send({ act, node }),
})

const controls = new Controls(document, {
  inject: (sides, fault) => void channel.send({ act: 'inject', sides, fault: fault.name }),
  heal: (sides) => void channel.send({ act: 'heal', sides }),
  act(sides, act) {
    if (sides.includes('node')) void channel.send({ act })
    if (!sides.includes('browser') || own === undefined) return
    const { connection } = own.traffic
    if (act === 'close') void connection.close(1000, 'by hand')
    else connection[act]()
  },
})

addEventListener('message', ({ source, data }: MessageEvent<{ readonly type?: unknown } | null>) => {
  if (source !== frame.contentWindow || data?.type !== '@statelyai.connected') return
  // The viewer has just loaded, so it needs everything again.
  channel.listen()
})
setInterval(() => {
  if (own === undefined) return
  const { traffic } = own
  status.show('browser', traffic.count)
  if (traffic instanceof SessionTraffic) panel.show(traffic.sessionCount)
}, countEvery)
frame.src = 'viewer.html'
