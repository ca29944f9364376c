/** The items an option names, in table order; all if it is not given. */
export function pick<T extends { readonly name: string }>(
  option: string,
  all: readonly T[],
  names: string | undefined,
): T[] {
  if (names === undefined) return [...all]
  const wanted = names.split(',').map((name) => name.trim())
  const unknown = wanted.filter((name) => !all.some((each) => each.name === name))
  if (unknown.length > 0) throw new RangeError(`--${option} does not know ${unknown.join(', ') || 'an empty name'}`)
  return all.filter(({ name }) => wanted.includes(name))
}
