// The cost of a message in the connection, in its own process, because the engine's compilation depends on everything
// that ran before.
import { measure } from './wires.js'

process.on('disconnect', () => process.exit())
const [name, rounds, count] = process.argv.slice(2) as [string, string, string]
process.send!(await measure(name, Number(rounds), Number(count)))
process.disconnect()
