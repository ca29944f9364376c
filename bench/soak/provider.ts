import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from './plan.js'

/** A URL provider that is as reliable as the step wants it. */
export function provide(answer: Answer, url: string, signal: AbortSignal): string | Promise<string> {
  switch (answer) {
    case 'now':
      return url
    case 'late':
      return sleep(3, url, { signal })
    case 'throws':
      throw new Error('no ticket')
    case 'rejects':
      return sleep(1).then(() => Promise.reject(new Error('no ticket')))
  }
}
