// Builds the extension for its echo server, and prints which folder to load.
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'vite'
import { faultKeys, serveEcho } from './echo.js'

const root = join(import.meta.dirname, '../extension')
const echo = await serveEcho()
process.env['VITE_SERVER'] ??= echo.url
await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' })
console.log(`load this folder in chrome://extensions, in developer mode: ${join(root, 'dist')}`)
console.log(`echo server at ${echo.url}; to break the link, press`)
for (const { key, description } of faultKeys) console.log(`  ${key} + enter: ${description}`)

const keys = createInterface({ input: process.stdin })
keys.on('line', (line) => faultKeys.find(({ key }) => key === line.trim())?.act(echo))
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    keys.close()
    void echo.close()
  })
}
