import { ConnectionError, type Connection } from '../../../index.js'
import { linkRelay, type ObserveOptions, type RelayLink } from '../../inspect/index.js'
import { wsTransport } from '../../../transports/ws.js'
import { UsageError, type Surroundings } from '../command.js'

/**
 * Shows a connection in `statewire inspect`, at the address in `STATEWIRE_INSPECT`. Returns `undefined` if it is not set.
 *
 * @throws UsageError if the address is invalid. The connection is then closed.
 */
export function showTo(
  { STATEWIRE_INSPECT: relay }: Surroundings['env'],
  connection: Connection,
  options: ObserveOptions,
): RelayLink | undefined {
  if (relay === undefined || relay === '') return undefined
  try {
    const link = linkRelay(relay, { transport: wsTransport() })
    link.show(connection, options)
    return link
  } catch (error) {
    void connection.close()
    throw error instanceof ConnectionError ? new UsageError(`STATEWIRE_INSPECT: ${error.message}`) : error
  }
}
