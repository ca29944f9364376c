import { createConnection, type ConnectionOptions } from '../../../index.js'
import { wsTransport } from '../../../transports/ws.js'
import type { FaultServer } from '../../testing/index.js'
import type { LabFault } from './faults.js'
import { FaultyServer } from './faulty-server.js'
import { connectionOptions } from './settings.js'
import { Traffic } from './traffic.js'

/** The engine that runs the chart of a connection in the lab. */
export interface LabEngine {
  /** The name that people read. */
  readonly name: string
  readonly options: Pick<ConnectionOptions, 'engine'>
}

/** The name of the default engine. */
export const compiledName = 'the compiled chart'

const isMissing = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === 'ERR_MODULE_NOT_FOUND'

/** XState if it is installed, so that you can compare it with the connection in the page; otherwise the compiled chart. */
export async function labEngine(load = () => import('../../../xstate/index.js')): Promise<LabEngine> {
  try {
    const { xstateEngine } = await load()
    return { name: 'XState', options: { engine: xstateEngine } }
  } catch (error) {
    if (!isMissing(error)) throw error
    return { name: compiledName, options: {} }
  }
}

/** The part of the lab in this process: a faulty server, a connection to it, and a stream of numbered messages. */
export class Rig extends Traffic {
  readonly faultyServer: FaultyServer
  /** The name of the engine that runs the chart. */
  readonly engine: string

  static async start(): Promise<Rig> {
    // First: it throws if `ws` is missing, and nothing has to be cleaned up yet.
    const transport = wsTransport()
    const engine = await labEngine()
    const faultyServer = await FaultyServer.start()
    return new Rig(faultyServer, transport, engine)
  }

  private constructor(faultyServer: FaultyServer, transport: ReturnType<typeof wsTransport>, engine: LabEngine) {
    super(createConnection(faultyServer.server.url, { ...connectionOptions(), ...engine.options, transport }))
    this.faultyServer = faultyServer
    this.engine = engine.name
    this.on(({ what }) => {
      if (what !== 'open') faultyServer.linkLost()
    })
  }

  get server(): FaultServer {
    return this.faultyServer.server
  }

  /** The active fault. */
  get fault(): LabFault | undefined {
    return this.faultyServer.fault
  }

  /** Heals the active fault, if any, then injects this one. */
  inject(fault: LabFault): Promise<void> {
    return this.faultyServer.inject(fault)
  }

  /** Clears the active fault. */
  heal(): Promise<void> {
    return this.faultyServer.heal()
  }

  override async close(): Promise<void> {
    await super.close()
    await this.faultyServer.close()
  }
}
