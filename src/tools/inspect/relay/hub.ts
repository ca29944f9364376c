import type { RawData, WebSocket } from 'ws'
import { goodbye, hello } from '../foreign.js'
import { Memory, TextBudget } from './memory.js'
import { goneMessage, translate, type Message } from './translate.js'

/** The number of connected peers. */
export interface Census {
  /** Processes and pages that report connections. */
  readonly applications: number
  /** Connections (or other charts) that they have reported, as far as the relay remembers them. */
  readonly connections: number
  readonly viewers: number
}

/** The largest send backlog of a viewer before it is dropped, and before its introduction pauses. Bytes. */
const viewerBacklog = 33_554_432
const introductionBacklog = 1_048_576
/** The largest send backlog of an application, which receives only a few small messages. Bytes. */
const applicationBacklog = 65_536
const maxPeers = 256

/** Sent to applications: a viewer is connected; no viewer is connected. */
const viewerConnected = JSON.stringify({ type: hello })
const noViewer = JSON.stringify({ type: goodbye })

interface Application {
  readonly id: string
  readonly socket: WebSocket
  readonly memory: Memory
}

class Viewer {
  readonly socket: WebSocket
  /** The applications introduced to this viewer; the others follow. */
  readonly knows = new Set<Application>()

  constructor(socket: WebSocket) {
    this.socket = socket
  }

  /** Sends a message. A viewer with too large a backlog is dropped; it gets the current state when it reconnects. */
  send(text: string): void {
    if (this.socket.bufferedAmount > viewerBacklog) this.socket.terminate()
    else this.socket.send(text)
  }

  /** Whether the backlog allows more messages. */
  get hasRoom(): boolean {
    return this.socket.readyState !== 1 || this.socket.bufferedAmount <= introductionBacklog
  }

  /** Resolves when the backlog allows more messages. */
  async room(): Promise<void> {
    while (!this.hasRoom) await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Forwards messages from applications to viewers, and tells applications whether a viewer is connected. */
export class Hub {
  readonly #applications = new Set<Application>()
  readonly #viewers = new Set<Viewer>()
  readonly #changed: () => void
  readonly #budget = new TextBudget()
  #last = 0

  constructor(changed: () => void) {
    this.#changed = changed
  }

  get census(): Census {
    const applications = [...this.#applications]
    return {
      applications: applications.length,
      connections: applications.reduce((sum, { memory }) => sum + memory.roots.size, 0),
      viewers: this.#viewers.size,
    }
  }

  /** Whether the maximum number of peers is reached. */
  get full(): boolean {
    return this.#applications.size + this.#viewers.size >= maxPeers
  }

  /** Adds an application. */
  addApplication(socket: WebSocket): void {
    const application: Application = { id: `p${++this.#last}`, socket, memory: new Memory(this.#budget) }
    this.#applications.add(application)
    for (const viewer of this.#viewers) viewer.knows.add(application)
    socket.on('message', (data, isBinary) => {
      if (!isBinary) this.#receive(application, textOf(data))
    })
    socket.on('close', () => {
      this.#applications.delete(application)
      for (const root of application.memory.roots) this.#broadcast(application, goneMessage(root, Date.now()))
      for (const viewer of this.#viewers) viewer.knows.delete(application)
      application.memory.clear()
      this.#changed()
    })
    if (this.#viewers.size > 0) notify(application, viewerConnected)
    this.#changed()
  }

  /** Adds a viewer: sends it the current state, then new messages. */
  addViewer(socket: WebSocket): void {
    const viewer = new Viewer(socket)
    this.#viewers.add(viewer)
    socket.on('close', () => {
      this.#viewers.delete(viewer)
      if (this.#viewers.size === 0) for (const application of this.#applications) notify(application, noViewer)
      this.#changed()
    })
    void this.#introduce(viewer)
    if (this.#viewers.size === 1) for (const application of this.#applications) notify(application, viewerConnected)
    this.#changed()
  }

  close(): void {
    for (const { socket } of [...this.#applications, ...this.#viewers]) socket.terminate()
  }

  /** In batches, because the current state may exceed the viewer's allowed backlog. */
  async #introduce(viewer: Viewer): Promise<void> {
    for (const application of [...this.#applications]) {
      if (!this.#applications.has(application)) continue
      viewer.knows.add(application)
      for (const texts of application.memory.introduction()) {
        for (const text of texts) viewer.send(text)
        if (!viewer.hasRoom) await viewer.room()
      }
      await viewer.room()
      if (!this.#viewers.has(viewer)) return
    }
  }

  #receive(application: Application, text: string): void {
    const message = translate(text, application.id, Date.now())
    if (message === undefined) return
    const before = application.memory.roots.size
    application.memory.take(message)
    this.#broadcast(application, message)
    if (application.memory.roots.size !== before) this.#changed()
  }

  #broadcast(application: Application, message: Message): void {
    let text: string | undefined
    for (const viewer of this.#viewers) {
      if (viewer.knows.has(application)) viewer.send((text ??= JSON.stringify(message)))
    }
  }
}

function notify({ socket }: Application, message: string): void {
  if (socket.bufferedAmount > applicationBacklog) socket.terminate()
  else socket.send(message)
}

/** `ws` delivers text as one Buffer by default. */
const textOf = (data: RawData): string => (data as Buffer).toString()
