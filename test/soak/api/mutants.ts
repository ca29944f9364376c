/** Defects that a run must find. */
export const mutants = [
  'sends twice',
  'loses a report',
  'keeps a timer',
  'forgets a rejection',
  'a stale forecast',
] as const
export type Mutant = (typeof mutants)[number]
