import { catalogue, type Explain } from './catalogue.js'

/** For Node, Deno, Bun, workerd, React Native and development: the full message. */
export const explain: Explain = (topic, key, values) =>
  (catalogue[topic][key] as (...values: readonly unknown[]) => string)(...(values as readonly unknown[]))
