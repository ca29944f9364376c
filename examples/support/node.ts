// Runs the Node example and an echo server, with keys that break the link.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { faultKeys, serveEcho } from './echo.js'

const echo = await serveEcho()
console.log(`echo server at ${echo.url}; to break the link, press`)
for (const { key, description } of faultKeys) console.log(`  ${key} + enter: ${description}`)

const service = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, '../node/service.ts')], {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, FEED: echo.url },
})
// Ctrl+C reaches both processes. This one stays until the service has closed its link.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => service.kill('SIGTERM'))

const keys = createInterface({ input: process.stdin })
keys.on('line', (line) => faultKeys.find(({ key }) => key === line.trim())?.act(echo))

const [code] = (await once(service, 'exit')) as [number | null]
keys.close()
await echo.close()
process.exitCode = code ?? 1
