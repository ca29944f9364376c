const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const month = `(${months.join('|')})`
const time = '(\\d\\d):(\\d\\d):(\\d\\d)'
const short = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const long = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day'

/** RFC 9110 §5.6.7: one format to write, two obsolete ones to understand. */
const imfFixdate = new RegExp(`^${short}, (\\d\\d) ${month} (\\d{4}) ${time} GMT$`)
const rfc850 = new RegExp(`^${long}, (\\d\\d)-${month}-(\\d\\d) ${time} GMT$`)
const asctime = new RegExp(`^${short} ${month} ([ \\d]\\d) ${time} (\\d{4})$`)

const day = 86_400_000

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}

function daysIn(year: number, monthIndex: number): number {
  if (monthIndex === 1) return isLeap(year) ? 29 : 28
  return [3, 5, 8, 10].includes(monthIndex) ? 30 : 31
}

/** Days from 1970-01-01 to the first of January. */
function daysBefore(year: number): number {
  const past = year - 1
  return (year - 1970) * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) - 477
}

function epoch(year: number, monthName: string, date: number, clock: readonly number[]): number | undefined {
  const monthIndex = months.indexOf(monthName)
  const [hour = 0, minute = 0, second = 0] = clock
  // 60 is a leap second.
  if (date < 1 || date > daysIn(year, monthIndex) || hour > 23 || minute > 59 || second > 60) return undefined
  let days = daysBefore(year) + date - 1
  for (let each = 0; each < monthIndex; each++) days += daysIn(year, each)
  return days * day + ((hour * 60 + minute) * 60 + second) * 1_000
}

/** A two-digit year that seems more than 50 years ahead is the latest past one with these digits. */
function fullYear(digits: number, nowEpoch: number): number {
  const now = 1970 + Math.floor(nowEpoch / (365.2425 * day))
  const year = now - (now % 100) + digits
  return year > now + 50 ? year - 100 : year
}

/**
 * An HTTP-date as milliseconds since 1970, or `undefined` if it is none.
 *
 * By hand, because the runtimes' own parsers make dates of nonsense, each in its way. Source: RFC 9110 §5.6.7.
 */
export function parseHttpDate(text: string, nowEpoch: number): number | undefined {
  const fixdate = imfFixdate.exec(text)
  if (fixdate) {
    const [, date, name, year, ...clock] = fixdate
    return epoch(Number(year), name!, Number(date), clock.map(Number))
  }
  const obsolete = rfc850.exec(text)
  if (obsolete) {
    const [, date, name, year, ...clock] = obsolete
    return epoch(fullYear(Number(year), nowEpoch), name!, Number(date), clock.map(Number))
  }
  const ansi = asctime.exec(text)
  if (ansi) {
    const [, name, date, hour, minute, second, year] = ansi
    return epoch(Number(year), name!, Number(date), [Number(hour), Number(minute), Number(second)])
  }
  return undefined
}
