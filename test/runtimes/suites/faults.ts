import { createFaultServer, faults, type FaultServer } from '../../../src/tools/testing/index.js'

const nth = (n: number): boolean => n % 2 === 1

/** Applies the path's fault to the first of every two requests; any other path echoes. */
export async function startFaultServer(): Promise<FaultServer> {
  const server = await createFaultServer()
  server.use({ match: { path: '/half-open', nth }, fault: faults.swallow() })
  server.use({ match: { path: '/hang', nth }, fault: faults.hang() })
  server.use({ match: { path: '/refused', nth }, fault: faults.http(503) })
  server.use({ match: { path: '/cut', nth }, fault: [faults.swallow(), faults.kill({ after: 200 })] })
  server.use({ match: { path: '/restart', nth }, fault: faults.acceptThenClose(1012, 'restart') })
  server.use({ match: { path: '/unsupported' }, fault: faults.acceptThenClose(1003) })
  return server
}
