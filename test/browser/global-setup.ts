import type { TestProject } from 'vitest/node'
import { startFaultServer } from '../runtimes/suites/faults.js'
import { startConformanceServer } from '../transports/conformance-server.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the conformance server listens, for tests that run in a browser and cannot start it. */
    conformanceServer: { readonly url: string; readonly refused: string }
    /** A fault server that does what the path says to every first of two requests; any other path echoes. */
    faultServer: { readonly url: string }
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const conformance = await startConformanceServer()
  provide('conformanceServer', { url: conformance.url, refused: conformance.refused })

  const server = await startFaultServer()
  provide('faultServer', { url: server.url })

  return async () => {
    await conformance.close()
    await server.close()
  }
}
