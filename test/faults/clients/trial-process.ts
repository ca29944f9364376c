import { faults } from './faults.js'
import { peers } from './peers.js'
import { heardRemarks, listenForRemarks } from './remarks.js'

// Runs one trial: the peer and the fault are the arguments, and the cell is sent over IPC. In a process of its own, so
// that a peer's effects on its process (a busy loop, an uncatchable exception, a patched global) do not reach another
// trial.
const [peerName, faultName] = process.argv.slice(2)
const peer = peers.find(({ name }) => name === peerName)!
const fault = faults.find(({ name }) => name === faultName)!

listenForRemarks()
// The parent process is gone.
process.on('disconnect', () => process.exit())

let cell: string
try {
  cell = [await fault.run(peer), ...heardRemarks()].join('; ')
} catch (error) {
  console.error(error)
  cell = `trial failed: ${error instanceof Error ? error.message : String(error)}`
}
process.send!({ cell }, undefined, undefined, () => process.exit())
