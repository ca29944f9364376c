import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { ConnectionError } from '../../../index.js'

/** The viewer as it is in the package. */
export function packagedViewer(): string {
  try {
    // By name: where the file is depends on whether this is the source or what was made of it.
    return readFileSync(createRequire(import.meta.url).resolve('statewire/inspect/viewer.html'), 'utf8')
  } catch (cause) {
    throw new ConnectionError(
      'ERR_OPTION',
      'viewer (undefined) must be the text of the viewer page, because the one of the package cannot be read from here',
      { cause },
    )
  }
}

const style = `
html, body, iframe { margin: 0; width: 100%; height: 100%; border: 0; display: block }
p { position: fixed; inset: auto 0 0 0; margin: 0; padding: 0.5em 1em; font: 14px system-ui; background: #7a1f1f; color: #fff }
`

/**
 * The viewer has no network and no name; this page has both, and carries messages between its own WebSocket and the viewer's window.
 * It gives the viewer nothing else, and does nothing that the viewer could ask for but to begin and to end.
 */
const script = `
const frame = document.querySelector('iframe')
const notice = document.querySelector('p')
let socket
let timer
const post = (message) => frame.contentWindow.postMessage(message, '*')
const hangUp = () => {
  clearTimeout(timer)
  if (socket === undefined) return
  socket.onclose = null
  socket.close()
  socket = undefined
}
const dial = () => {
  hangUp()
  const url = new URL('viewer', location.href)
  url.protocol = 'ws:'
  socket = new WebSocket(url)
  socket.onopen = () => { notice.hidden = true }
  socket.onmessage = ({ data }) => post(JSON.parse(data))
  socket.onclose = () => {
    notice.hidden = false
    timer = setTimeout(() => post({ type: '@statewire.knock' }), 1000)
  }
}
const play = async (name) => {
  const response = await fetch('recording')
  post({ type: '@statewire.recording', name, text: await response.text() })
}
addEventListener('message', ({ source, data }) => {
  if (source !== frame.contentWindow || typeof data !== 'object' || data === null) return
  const { recording } = document.body.dataset
  if (data.type === '@statelyai.connected') recording === undefined ? dial() : play(recording)
  if (data.type === '@statewire.left') hangUp()
})
frame.src = 'viewer.html'
`

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character]!)

/** The page around the viewer. `recording`: what the recording is called that it shows instead of what is live. */
export function wrapperPage(recording: string | undefined): string {
  const data = recording === undefined ? '' : ` data-recording="${escaped(recording)}"`
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>statewire viewer</title><style>${style}</style></head>
<body${data}>
<iframe title="statewire viewer" sandbox="allow-scripts allow-downloads"></iframe>
<p role="status" hidden>The relay does not answer: statewire inspect has ended, or this page could not keep up and is told anew.</p>
<script>${script}</script>
</body>
</html>
`
}

/** For everything that is served. */
const always = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

export function wrapperHeaders(host: string): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    // Not every browser takes 'self' to mean ws: as well.
    `connect-src 'self' ws://${host}`,
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return { ...always, 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy.join('; ') }
}

/** The viewer brings its own policy; besides that, it is only to be shown by our page, and has no origin even if it is opened by itself. */
export const viewerHeaders: Readonly<Record<string, string>> = {
  ...always,
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': "frame-ancestors 'self'; sandbox allow-scripts allow-downloads",
}

export const recordingHeaders: Readonly<Record<string, string>> = {
  ...always,
  'Content-Type': 'text/plain; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
}

export const errorHeaders: Readonly<Record<string, string>> = { ...recordingHeaders }
