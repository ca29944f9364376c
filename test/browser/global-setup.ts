import type { TestProject } from 'vitest/node'
import { startConformanceServer } from '../transports/conformance-server.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the conformance server listens, for tests that run in a browser and cannot start it. */
    conformanceServer: { readonly url: string; readonly refused: string }
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const { url, refused, close } = await startConformanceServer()
  provide('conformanceServer', { url, refused })
  return close
}
