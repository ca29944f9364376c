/** Debian's by default: nothing is downloaded. */
export const chromiumPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** Without these, a browser on a closed network spends its time trying to reach its vendor. */
export const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
