import { faults } from './faults.js'
import { peers } from './peers.js'
import { heardRemarks, listenForRemarks } from './remarks.js'

// One trial: the peer and the fault are the arguments, the cell goes out over IPC. A process of its own, so that nothing a
// peer does to its process (a busy loop, a throw that nobody can catch, a patched global) reaches another trial.
const [peerName, faultName] = process.argv.slice(2)
const peer = peers.find(({ name }) => name === peerName)!
const fault = faults.find(({ name }) => name === faultName)!

listenForRemarks()
// Nobody is left to tell.
process.on('disconnect', () => process.exit())

let cell: string
try {
  cell = [await fault.run(peer), ...heardRemarks()].join('; ')
} catch (error) {
  console.error(error)
  cell = `trial failed: ${error instanceof Error ? error.message : String(error)}`
}
process.send!({ cell }, undefined, undefined, () => process.exit())
