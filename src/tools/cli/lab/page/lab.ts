import { createConnection } from '../../../../index.js'
import { linkViewer } from '../../../inspect/index.js'
import { connectionOptions, echoedPing } from '../settings.js'
import { Traffic } from '../traffic.js'
import { Channel } from './channel.js'
import { Controls } from './controls.js'
import { Counts } from './counts.js'
import type { Told } from '../protocol.js'

/** Between two looks at our own counters. Milliseconds. */
const countEvery = 250

const find = (selector: string): HTMLElement => document.querySelector<HTMLElement>(selector)!

const frame = document.querySelector('iframe')!
const notice = find('#notice')
// The viewer is in a sandbox, and so of no origin.
const viewer = linkViewer(frame, { origin: 'null' })
const counts = new Counts(find('#counts'), ['browser', 'node'])

/** The connection of this page, to a server that the page was told of; another one when that has begun anew. */
let own: { readonly server: string; readonly traffic: Traffic; readonly hide: () => void } | undefined

function connect(server: string): void {
  if (own?.server === server) return
  own?.hide()
  void own?.traffic.close()
  const connection = createConnection(server, connectionOptions(echoedPing()))
  const traffic = new Traffic(connection)
  traffic.on(({ what }) => {
    if (what !== 'open') void channel.ask({ act: 'lost' })
  })
  own = { server, traffic, hide: viewer.show(connection, { name: 'browser' }) }
}

function take(told: Told): void {
  switch (told.kind) {
    case 'hello':
      connect(told.server)
      controls.offer(told.faults)
      find('#engines').textContent =
        `The connection in this page runs on ${told.engines.browser}, the one in Node on ${told.engines.node}.`
      find('#settings').replaceChildren(
        ...told.settings.map((text) => Object.assign(document.createElement('p'), { textContent: text })),
      )
      return
    case 'faults':
      return controls.mark(told.faults)
    case 'count':
      return counts.show('node', told.count)
    case 'inspection':
      return frame.contentWindow?.postMessage(told.message, '*')
  }
}

const channel = new Channel(take, (text) => {
  notice.hidden = text === undefined
  notice.textContent = text ?? ''
})

const controls = new Controls(document, {
  strike: (sides, fault) => void channel.ask({ act: 'strike', sides, fault: fault.name }),
  heal: (sides) => void channel.ask({ act: 'heal', sides }),
  act(sides, act) {
    if (sides.includes('node')) void channel.ask({ act })
    if (!sides.includes('browser') || own === undefined) return
    const { connection } = own.traffic
    if (act === 'close') void connection.close(1000, 'by hand')
    else connection[act]()
  },
})

addEventListener('message', ({ source, data }: MessageEvent<{ readonly type?: unknown } | null>) => {
  if (source !== frame.contentWindow || data?.type !== '@statelyai.connected') return
  // It knows of nothing yet, or no more.
  channel.listen()
})
setInterval(() => {
  if (own !== undefined) counts.show('browser', own.traffic.count)
}, countEvery)
frame.src = 'viewer.html'
