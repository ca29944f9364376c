/** A longer list that has room for no more: in an array that is spread into or pushed to, V8 keeps room for sixteen more. */
export const append = <T>(list: readonly T[], last: T): readonly T[] =>
  list.length === 0 ? [last] : list.concat([last])
