import { createConnection } from '../../../index.js'
import { wsTransport } from '../../../transports/ws.js'
import type { FaultServer } from '../../testing/index.js'
import { Breaker } from './faulty-server.js'
import { labEngine, type LabEngine } from './engine.js'
import type { LabFault } from './faults.js'
import { connectionOptions } from './settings.js'
import { Traffic } from './traffic.js'

/** The lab in this process: a server that fails as told, a connection through it, and a stream of numbered messages. */
export class Rig extends Traffic {
  readonly breaker: Breaker
  /** What runs the chart, as a person reads it. */
  readonly engine: string

  static async start(): Promise<Rig> {
    // First, because it throws when `ws` is missing, and there is nothing to tidy up yet.
    const transport = wsTransport()
    const engine = await labEngine()
    const breaker = await Breaker.start()
    return new Rig(breaker, transport, engine)
  }

  private constructor(breaker: Breaker, transport: ReturnType<typeof wsTransport>, engine: LabEngine) {
    super(createConnection(breaker.server.url, { ...connectionOptions(), ...engine.options, transport }))
    this.breaker = breaker
    this.engine = engine.name
    this.on(({ what }) => {
      if (what !== 'open') breaker.linkLost()
    })
  }

  get server(): FaultServer {
    return this.breaker.server
  }

  /** What is wrong at present, by our own doing. */
  get fault(): LabFault | undefined {
    return this.breaker.fault
  }

  /** Lets something go wrong, and nothing else: what was wrong before is healed first. */
  strike(fault: LabFault): Promise<void> {
    return this.breaker.strike(fault)
  }

  /** Back to normal. */
  heal(): Promise<void> {
    return this.breaker.heal()
  }

  override async close(): Promise<void> {
    await super.close()
    await this.breaker.close()
  }
}
