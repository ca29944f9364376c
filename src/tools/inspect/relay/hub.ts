import type { RawData, WebSocket } from 'ws'
import { goodbye, hello } from '../words.js'
import { Memory, Room } from './memory.js'
import { goneMessage, translate, type Message } from './translate.js'

/** Who is there. */
export interface Census {
  /** Processes and pages that tell. */
  readonly applications: number
  /** Connections (or other charts) that they tell of, as far as they are remembered. */
  readonly connections: number
  readonly viewers: number
}

/** What may wait for a viewer that does not read, in bytes, before it is dropped; and while it is introduced, before we wait. */
const viewerBacklog = 33_554_432
const introductionBacklog = 1_048_576
/** What may wait for an application that does not read: it gets a few words in all. */
const applicationBacklog = 65_536
const mostPeers = 256

/** What applications hear: somebody looks, nobody does. */
const looked = JSON.stringify({ type: hello })
const left = JSON.stringify({ type: goodbye })

interface Application {
  readonly id: string
  readonly socket: WebSocket
  readonly memory: Memory
}

class Viewer {
  readonly socket: WebSocket
  /** The applications that it knows; of others it hears later, all at once. */
  readonly knows = new Set<Application>()

  constructor(socket: WebSocket) {
    this.socket = socket
  }

  /** Sends a message. A viewer that does not read is dropped; it is introduced to everything when it is back. */
  tell(text: string): void {
    if (this.socket.bufferedAmount > viewerBacklog) this.socket.terminate()
    else this.socket.send(text)
  }

  /** Whether more can be sent now. */
  get hasRoom(): boolean {
    return this.socket.readyState !== 1 || this.socket.bufferedAmount <= introductionBacklog
  }

  /** Resolves when most of what was sent is on its way. */
  async room(): Promise<void> {
    while (!this.hasRoom) await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Carries what applications tell to whoever looks, and tells them whether anybody does. */
export class Hub {
  readonly #applications = new Set<Application>()
  readonly #viewers = new Set<Viewer>()
  readonly #changed: () => void
  readonly #room = new Room()
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

  /** Whether there is room for one more of either. */
  get full(): boolean {
    return this.#applications.size + this.#viewers.size >= mostPeers
  }

  /** An application has come. */
  hear(socket: WebSocket): void {
    const application: Application = { id: `p${++this.#last}`, socket, memory: new Memory(this.#room) }
    this.#applications.add(application)
    for (const viewer of this.#viewers) viewer.knows.add(application)
    socket.on('message', (data, isBinary) => {
      if (!isBinary) this.#told(application, textOf(data))
    })
    socket.on('close', () => {
      this.#applications.delete(application)
      for (const root of application.memory.roots) this.#spread(application, goneMessage(root, Date.now()))
      for (const viewer of this.#viewers) viewer.knows.delete(application)
      application.memory.clear()
      this.#changed()
    })
    if (this.#viewers.size > 0) say(application, looked)
    this.#changed()
  }

  /** A viewer has come: it is told what there is, and from then on what happens. */
  show(socket: WebSocket): void {
    const viewer = new Viewer(socket)
    this.#viewers.add(viewer)
    socket.on('close', () => {
      this.#viewers.delete(viewer)
      if (this.#viewers.size === 0) for (const application of this.#applications) say(application, left)
      this.#changed()
    })
    void this.#introduce(viewer)
    if (this.#viewers.size === 1) for (const application of this.#applications) say(application, looked)
    this.#changed()
  }

  close(): void {
    for (const { socket } of [...this.#applications, ...this.#viewers]) socket.terminate()
  }

  /** In batches: an application may have more to show than may wait for a viewer. */
  async #introduce(viewer: Viewer): Promise<void> {
    for (const application of [...this.#applications]) {
      if (!this.#applications.has(application)) continue
      viewer.knows.add(application)
      for (const texts of application.memory.introduction()) {
        for (const text of texts) viewer.tell(text)
        if (!viewer.hasRoom) await viewer.room()
      }
      await viewer.room()
      if (!this.#viewers.has(viewer)) return
    }
  }

  #told(application: Application, text: string): void {
    const message = translate(text, application.id, Date.now())
    if (message === undefined) return
    const before = application.memory.roots.size
    application.memory.take(message)
    this.#spread(application, message)
    if (application.memory.roots.size !== before) this.#changed()
  }

  #spread(application: Application, message: Message): void {
    let text: string | undefined
    for (const viewer of this.#viewers) {
      if (viewer.knows.has(application)) viewer.tell((text ??= JSON.stringify(message)))
    }
  }
}

function say({ socket }: Application, words: string): void {
  if (socket.bufferedAmount > applicationBacklog) socket.terminate()
  else socket.send(words)
}

/** `ws` gives text as one Buffer, unless told otherwise. */
const textOf = (data: RawData): string => (data as Buffer).toString()
