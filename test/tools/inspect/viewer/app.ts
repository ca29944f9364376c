// An app in a browser whose connections are observed: real connections with a test clock and a fake transport.
import { createBrowserInspector } from '@statelyai/inspect'
import type { ConnectionOptions } from '../../../../src/index.js'
import { resumable } from '../../../../src/resume/index.js'
import { linkViewer, type ViewerLink } from '../../../../src/tools/inspect/index.js'
import { accept, clock, connect, pass, settle, type Life } from './app-life.js'
import { backoff, halfOpen, many, open } from './scenes.js'

let link: ViewerLink | undefined
const lives: Record<string, Life> = {}

const frame = (): HTMLIFrameElement => document.querySelector('iframe')!

/** Loads the viewer. Connections made from now on are shown in it. */
async function load(url = '/viewer.html'): Promise<void> {
  link = linkViewer(frame())
  frame().src = url
  while (!link.watched) await new Promise((resolve) => setTimeout(resolve, 10))
}

function show(name: string, options?: ConnectionOptions): Life {
  const life = (lives[name] = connect(options))
  link?.show(life.connection, { name, clock })
  return life
}

/** A connection with a session; the test plays its server. */
function showSession(name: string): Life {
  const session = resumable()
  const life = (lives[name] = connect({ heartbeat: undefined, features: [session] }))
  link?.show(life.connection, { name, clock, session })
  return life
}

/** The server selects the subprotocol of sessions, and welcomes. */
async function welcome({ transport }: Life, fields: object = {}): Promise<void> {
  await settle()
  const { last } = transport
  last.accept({ protocol: last.target.protocols.at(-1)! })
  await settle()
  last.message(`w${JSON.stringify({ ep: 'e1', rx: 0, seen: 0, resumed: false, ttl: 60_000, ...fields })}`)
  await settle()
}

/** The actual state of each chart. */
const values: Record<string, unknown> = {}
function follow(name: string): void {
  lives[name]!.connection.inspect((event) => {
    if (event.type === '@xstate.snapshot' && event.snapshot.value !== undefined) values[name] = event.snapshot.value
  })
}

/** Uses only `@statelyai/inspect`, in the iframe. */
function showByStately(name: string, options: ConnectionOptions = {}): Life {
  const { inspect } = createBrowserInspector({ iframe: frame(), url: '/viewer.html' })
  return (lives[name] = connect({ inspect, ...options }))
}

const scenes = { open, backoff, halfOpen, many }
const play = (scene: keyof typeof scenes): Promise<void> => scenes[scene]({ connect: show, accept, pass })

const app = {
  accept,
  clock,
  follow,
  lives,
  load,
  pass,
  play,
  settle,
  show,
  showByStately,
  showSession,
  values,
  welcome,
  watched: () => link?.watched === true,
}
Object.assign(globalThis, { app })
