import type { Explain } from './catalogue.js'

/** In a browser's production bundle: the key, the values, and where the sentence is. */
export const explain: Explain = (topic, key, values) => {
  const shown = (values as readonly unknown[]).join(', ')
  return `${key as string}${shown && ` (${shown})`}: https://github.com/statewire/statewire/blob/main/docs/errors.md#${topic}`
}
