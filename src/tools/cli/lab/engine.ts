import type { ConnectionOptions } from '../../../index.js'

/** What runs the chart of a connection of the lab. */
export interface LabEngine {
  /** As a person reads it. */
  readonly name: string
  readonly options: Pick<ConnectionOptions, 'engine'>
}

/** The engine of every connection that names none. */
export const compiledName = 'the compiled chart'

const isMissing = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === 'ERR_MODULE_NOT_FOUND'

/** XState where it is installed, so that a person can compare it with the page's connection; else the compiled chart. */
export async function labEngine(load = () => import('../../../xstate/index.js')): Promise<LabEngine> {
  try {
    const { xstateEngine } = await load()
    return { name: 'XState', options: { engine: xstateEngine } }
  } catch (error) {
    if (!isMissing(error)) throw error
    return { name: compiledName, options: {} }
  }
}
