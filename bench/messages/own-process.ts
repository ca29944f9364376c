// What a message costs in the connection, in a process of its own: the engine compiles what all share by all that it has seen.
import { measure } from './wires.js'

process.on('disconnect', () => process.exit())
const [name, rounds, count] = process.argv.slice(2) as [string, string, string]
process.send!(await measure(name, Number(rounds), Number(count)))
process.disconnect()
