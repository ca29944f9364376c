import { describeCloseCode } from '../../../index.js'

/** As long as it takes to be understood: `840 ms`, `3.2 s`, `4 min 5 s`. */
export function span(duration: number): string {
  const time = Math.max(0, duration)
  if (time < 995) return `${Math.round(time)} ms`
  if (time < 9_950) return `${(time / 1_000).toFixed(1)} s`
  const seconds = Math.round(time / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export const count = (number: number, thing: string): string =>
  `${number.toLocaleString('en')} ${thing}${number === 1 ? '' : 's'}`

/** A round trip: below ten milliseconds the first decimal counts. */
export const trip = (rtt: number): string => (rtt < 9.95 ? `${rtt.toFixed(1)} ms` : span(rtt))

export function closeCodeWords(code: number): string {
  const { name } = describeCloseCode(code)
  return `${code} ${name}`
}
