import { commandFaults } from './command-faults.js'
import type { Fault } from './fault.js'
import { linkFaults } from './link-faults.js'
import { sendingFaults } from './sending-faults.js'

/** The rows. */
export const faults: readonly Fault[] = [...linkFaults, ...sendingFaults, ...commandFaults]
