const months = 'JanFebMarAprMayJunJulAugSepOctNovDec'

/** RFC 9110 §5.6.7: IMF-fixdate and, with dashes, the obsolete RFC 850 format. */
const httpDate =
  /^(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?, ([ \d]\d)[ -]([A-Z][a-z]{2})[ -](\d\d|\d{4}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60) GMT$/
/** The obsolete `asctime` format. */
const asctime = /^(\w{3}) (\w{3}) ([ \d]\d) (\S{8}) (\d{4})$/

/**
 * Parses an HTTP-date to milliseconds since 1970, or NaN. `Date.parse` accepts invalid dates, differently in each
 * runtime.
 *
 * `now` decides the century of two-digit years.
 */
function parseHttpDate(text: string, now: number): number {
  const fields = httpDate.exec(text.replace(asctime, '$1, $3 $2 $5 $4 GMT'))
  if (fields === null) return NaN
  const [date = 0, year = 0, hour = 0, minute = 0, second = 0] = [1, 3, 4, 5, 6].map((at) => Number(fields[at]))
  const month = months.indexOf(fields[2]!)
  const day = Date.UTC(year < 100 ? fullYear(year, now) : year, month / 3, date)
  // Rejects 30 February and unknown months. Second 60 is a leap second.
  if (month < 0 || new Date(day).getUTCDate() !== date) return NaN
  return day + ((hour * 60 + minute) * 60 + second) * 1_000
}

/** RFC 9110 §5.6.7: a two-digit year more than 50 years ahead is the latest past year with these digits. */
function fullYear(digits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear()
  const year = thisYear - (thisYear % 100) + digits
  return year > thisYear + 50 ? year - 100 : year
}

/**
 * Parses a `Retry-After` header to milliseconds from `now`; `undefined` unless it is whole seconds or an HTTP-date (RFC
 * 9110 §10.2.3).
 *
 * `now` is in milliseconds since 1970. A past date is 0. There is no maximum.
 */
export function parseRetryAfter(header: string, now: number): number | undefined {
  const text = header.trim()
  if (/^\d+$/.test(text)) return Math.min(Number.MAX_SAFE_INTEGER, Number(text) * 1_000)
  const date = parseHttpDate(text, now)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
