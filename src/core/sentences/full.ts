import { catalogue, type Explain } from './catalogue.js'

/** In Node, Deno, Bun, workerd, React Native and in development: the sentence. */
export const explain: Explain = (topic, key, values) =>
  (catalogue[topic][key] as (...values: readonly unknown[]) => string)(...(values as readonly unknown[]))
