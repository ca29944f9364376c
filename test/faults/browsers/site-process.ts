// Runs in a network namespace and serves the page there. Exits when its stdin closes.
import { serveSite } from './site.js'

const [host, port] = process.argv.slice(2)
process.stdin.on('end', () => process.exit())
process.stdin.resume()
const { url } = await serveSite(host, Number(port))
console.log(JSON.stringify({ t: Date.now(), type: 'listening', url }))
