// Serves the page and the built library: the browser loads what users get.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'

const root = join(import.meta.dirname, '../../..')
const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' }

export interface Site extends AsyncDisposable {
  /** The page. */
  readonly url: string
}

export async function serveSite(host = '127.0.0.1', port = 0): Promise<Site> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost')
    const file = pathname.startsWith('/dist/') ? join(root, pathname) : join(import.meta.dirname, 'page.html')
    readFile(file).then(
      // Not `no-store`, which would keep a page out of the back/forward cache.
      (body) =>
        response
          .setHeader('Cache-Control', 'no-cache')
          .setHeader('Content-Type', types[extname(file)] ?? 'text/plain')
          .end(body),
      () => response.writeHead(404).end(),
    )
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
