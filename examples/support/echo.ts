// What the dev commands have in common: a small echo server beside the example, and keys that break the link to it.
import { createFaultServer, type FaultServer } from 'statewire/testing'
import type { Plugin } from 'vite'

/** Answers `ping` with `pong`, and echoes the rest. */
export function serveEcho(): Promise<FaultServer> {
  return createFaultServer({ onMessage: (message, socket) => socket.send(message === 'ping' ? 'pong' : message) })
}

export const faultKeys: readonly { key: string; description: string; act(server: FaultServer): void }[] = [
  { key: 'b', description: 'let nothing through any more, in silence (a black hole)', act: (it) => it.partition() },
  { key: 'x', description: 'reset the link', act: (it) => it.reset() },
  { key: 'k', description: 'heal the black hole', act: (it) => it.heal() },
]

/**
 * For Vite: starts the echo server with the dev server and tells the page where it is.
 * With `VITE_SERVER` in the environment, that is where the page connects to, and nothing is started.
 */
export function echo(): Plugin {
  let server: FaultServer | undefined
  return {
    name: 'echo',
    async config(_, { command }) {
      if (command === 'serve' && process.env['VITE_SERVER'] === undefined) server = await serveEcho()
      return {
        // The library is a link to the folder above.
        server: { fs: { allow: ['../..'] } },
        ...(server === undefined ? {} : { define: { 'import.meta.env.VITE_SERVER': JSON.stringify(server.url) } }),
      }
    },
    configureServer(dev) {
      if (server === undefined) return
      const echo = server
      dev.config.logger.info(`  echo server at ${echo.url}; to break the link, press`)
      for (const { key, description } of faultKeys) dev.config.logger.info(`    ${key} + enter: ${description}`)
      dev.bindCLIShortcuts({
        customShortcuts: faultKeys.map(({ act, ...rest }) => ({ ...rest, action: () => act(echo) })),
      })
      dev.httpServer?.once('close', () => void echo.close())
    },
  }
}
