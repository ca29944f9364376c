import type { TestProject } from 'vitest/node'
import { startFaultServer } from '../runtimes/suites/faults.js'
import { startConformanceServer } from '../transports/conformance-server.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The conformance server's address, for tests that run in a browser and cannot start it. */
    conformanceServer: { readonly url: string; readonly refused: string }
    /** A fault server that applies the path's fault to the first of every two requests; any other path echoes. */
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
