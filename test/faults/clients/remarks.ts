/** What reached the process of a trial although nobody caught it: an app that does not either would have ended there. */
const remarks = new Set<string>()
let clearing = 0

export function listenForRemarks(): void {
  process.on('uncaughtException', (_, origin) => {
    if (clearing === 0)
      remarks.add(origin === 'unhandledRejection' ? 'an unhandled rejection' : 'an uncaught exception')
  })
}

/** Clearing up is no part of a trial: what it provokes does not count. */
export async function unheard(clearUp: () => Promise<void>): Promise<void> {
  clearing += 1
  await clearUp()
  clearing -= 1
}

export const heardRemarks = (): string[] => [...remarks]
