// Shared by the dev commands: a small echo server, and keys that break the link to it.
import { basename, join } from 'node:path'
import { createFaultServer, type FaultServer } from 'statewire/testing'
import type { Plugin } from 'vite'

/** Answers `ping` with `pong`, and echoes everything else. */
export function serveEcho(): Promise<FaultServer> {
  return createFaultServer({ onMessage: (message, socket) => socket.send(message === 'ping' ? 'pong' : message) })
}

export const faultKeys: readonly { key: string; description: string; act(server: FaultServer): void }[] = [
  { key: 'b', description: 'drop all traffic silently (a black hole)', act: (it) => it.partition() },
  { key: 'x', description: 'reset the link', act: (it) => it.reset() },
  { key: 'k', description: 'heal the black hole', act: (it) => it.heal() },
]

/**
 * A Vite plugin that starts the echo server with the dev server and gives the page its URL.
 * If `VITE_SERVER` is set, the page connects there and no echo server starts.
 */
export function echo(): Plugin {
  let server: FaultServer | undefined
  return {
    name: 'echo',
    async config({ root = '.' }, { command }) {
      if (command === 'serve' && process.env['VITE_SERVER'] === undefined) server = await serveEcho()
      return {
        // Two examples may run at the same time.
        cacheDir: join('../node_modules/.vite', basename(root)),
        // The library is a symlink to the parent folder.
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
