import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Project } from '../packed.js'
import type { Bundler, Choice, Order, Reply, Texts } from './orders.js'
import { fork } from '../../support/processes.js'

/** The package's peers, if they are not installed. Of `redis`, the package imports nothing. */
export const peers = ['ws', 'xstate', '@nats-io/jetstream'] as const

const script = join(import.meta.dirname, 'bundle-process.ts')
let runs = 0

/**
 * Bundles each app separately, in a process with a build's `NODE_ENV`: Vite and Rollup's resolver read it, and the test
 * runner sets its own.
 */
export async function bundle(bundler: Bundler, project: Project, apps: Texts, choice: Choice): Promise<Texts> {
  const folder = join(project.folder, `bundles-${runs++}`)
  await mkdir(folder)
  const files = Object.fromEntries(Object.keys(apps).map((name, at) => [name, join(folder, `app-${at}.js`)]))
  await Promise.all(Object.entries(apps).map(([name, text]) => writeFile(files[name]!, text)))
  const order: Order = { ...choice, bundler, folder, files }
  const env = { ...process.env, NODE_ENV: choice.mode }
  const child = fork(script, [], { execArgv: ['--import', 'tsx'], env })
  const reply = await new Promise<Reply>((resolve, reject) => {
    child.on('message', (message: Reply) => resolve(message))
    child.on('exit', (code) => reject(new Error(`${bundler} ended with ${code}`)))
    child.send(order)
  })
  child.disconnect()
  if ('failure' in reply) throw new Error(`${bundler}: ${reply.failure}`)
  return reply.bundles
}
