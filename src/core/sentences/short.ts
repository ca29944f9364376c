import type { Explain } from './catalogue.js'

/** For browser production bundles: the key, the values, and a link to the full message. */
export const explain: Explain = (topic, key, values) => {
  const shown = (values as readonly unknown[]).join(', ')
  return `${key as string}${shown && ` (${shown})`}: https://github.com/statewire/statewire/blob/main/docs/errors.md#${topic}`
}
