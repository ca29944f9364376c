/** Errors that reached the process of a trial uncaught: they would have ended an app without a handler. */
const remarks = new Set<string>()
let clearing = 0

export function listenForRemarks(): void {
  process.on('uncaughtException', (_, origin) => {
    if (clearing === 0)
      remarks.add(origin === 'unhandledRejection' ? 'an unhandled rejection' : 'an uncaught exception')
  })
}

/** Errors during cleanup do not count. */
export async function unheard(clearUp: () => Promise<void>): Promise<void> {
  clearing += 1
  await clearUp()
  clearing -= 1
}

export const heardRemarks = (): string[] => [...remarks]
