import type { TestProject } from 'vitest/node'
import { createFaultServer, faults } from '../../src/testing/index.js'
import { startConformanceServer } from '../transports/conformance-server.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the conformance server listens, for tests that run in a browser and cannot start it. */
    conformanceServer: { readonly url: string; readonly refused: string }
    /** A fault server that does what the path says to every first of two requests; any other path echoes. */
    faultServer: { readonly url: string }
  }
}

const nth = (n: number): boolean => n % 2 === 1

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const conformance = await startConformanceServer()
  provide('conformanceServer', { url: conformance.url, refused: conformance.refused })

  const server = await createFaultServer()
  server.use({ match: { path: '/half-open', nth }, fault: faults.swallow() })
  server.use({ match: { path: '/hang', nth }, fault: faults.hang() })
  server.use({ match: { path: '/refused', nth }, fault: faults.http(503) })
  provide('faultServer', { url: server.url })

  return async () => {
    await conformance.close()
    await server.close()
  }
}
