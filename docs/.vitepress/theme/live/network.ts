import type {
  SendData,
  Environment,
  MessageData,
  Socket,
  SocketSink,
  Target,
  Transport,
  EnvironmentSignal,
} from 'statewire'

/** What the simulated network does with packets. */
export type Weather = 'fine' | 'silent' | 'refusing'

/** One way, in milliseconds. */
const latency = 60

/**
 * A network and its server, simulated in this page. It is a transport like those over real sockets. The server answers
 * pings and echoes messages.
 */
export class SimulatedNetwork implements Transport, Environment {
  #weather: Weather = 'fine'
  #online = true
  readonly #links = new Set<SimulatedSocket>()
  readonly #listeners = new Set<(signal: EnvironmentSignal) => void>()

  get weather(): Weather {
    return this.#weather
  }

  connect(target: Target, sink: SocketSink): Socket {
    const link = new SimulatedSocket(this, target, sink)
    this.#links.add(link)
    return link
  }

  forget(link: SimulatedSocket): void {
    this.#links.delete(link)
  }

  /** Drops every packet silently. */
  silence(): void {
    this.#weather = 'silent'
  }

  /** Resets the present links. New links work. */
  reset(): void {
    this.heal()
    for (const link of this.#links) link.break()
  }

  /** Stops the server: links break, and attempts are refused. */
  refuse(): void {
    this.reset()
    this.#weather = 'refusing'
  }

  /** Drops every packet, and fires `offline`. */
  goOffline(): void {
    this.#weather = 'silent'
    this.#online = false
    for (const notify of this.#listeners) notify('offline')
  }

  heal(): void {
    this.#weather = 'fine'
    const wasOffline = !this.#online
    this.#online = true
    if (wasOffline) for (const notify of this.#listeners) notify('online')
  }

  // The environment.

  online(): boolean {
    return this.#online
  }

  subscribe(notify: (signal: EnvironmentSignal) => void): () => void {
    this.#listeners.add(notify)
    return () => this.#listeners.delete(notify)
  }
}

class SimulatedSocket implements Socket {
  readonly bufferedAmount = 0
  binaryType: Target['binaryType']
  readonly #network: SimulatedNetwork
  readonly #sink: SocketSink
  #open = false
  #over = false

  constructor(network: SimulatedNetwork, target: Target, sink: SocketSink) {
    this.#network = network
    this.#sink = sink
    this.binaryType = target.binaryType
    this.#travel(2, () => {
      if (network.weather === 'refusing') return this.#end(new Error('nobody listens there'))
      this.#open = true
      sink.opened({ protocol: '', extensions: '' })
    })
  }

  send(data: SendData): void {
    if (!this.#open) throw new Error('the socket is not open')
    this.#travel(2, () => this.#sink.message(data as MessageData))
  }

  ping(): void {
    this.#travel(2, () => this.#sink.alive('pong'))
  }

  close(code = 1000, reason = ''): void {
    this.#open = false
    this.#travel(2, () => this.#finish(code, reason, true))
  }

  abandon(): void {
    this.#over = true
    this.#network.forget(this)
  }

  /** Breaks the link with a close event, never inside a call of the connection. */
  break(): void {
    setTimeout(() => this.#end(new Error('reset by peer')))
  }

  #end(error: Error): void {
    if (this.#over) return
    this.#sink.failed({ error })
    this.#finish(1006, '', false)
  }

  #finish(code: number, reason: string, wasClean: boolean): void {
    if (this.#over) return
    this.abandon()
    this.#sink.closed({ code, reason, wasClean })
  }

  /** Runs `arrive` after some one-way latencies. Packets under way when the network falls silent are lost. */
  #travel(ways: number, arrive: () => void): void {
    if (this.#network.weather === 'silent') return
    setTimeout(() => {
      if (!this.#over && this.#network.weather !== 'silent') arrive()
    }, ways * latency)
  }
}
