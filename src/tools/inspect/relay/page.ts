import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { ConnectionError } from '../../../index.js'

/** Reads the packaged viewer page. */
export function packagedViewer(): string {
  try {
    // Resolved by package name, because the path differs between source and build.
    return readFileSync(createRequire(import.meta.url).resolve('statewire/inspect/viewer.html'), 'utf8')
  } catch (cause) {
    throw new ConnectionError(
      'ERR_OPTION',
      'viewer (undefined) must be the HTML of the viewer page; the packaged one cannot be read',
      { cause },
    )
  }
}

const style = `
html, body, iframe { margin: 0; width: 100%; height: 100%; border: 0; display: block }
p { position: fixed; inset: auto 0 0 0; margin: 0; padding: 0.5em 1em; font: 14px system-ui; background: #7a1f1f; color: #fff }
`

/**
 * The viewer page has no network access and an opaque origin. This page has both, and relays messages between its
 * WebSocket and the viewer's window. The viewer can only start and stop that.
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

/** The page around the viewer. `recording`: the name of a recording to show instead of live connections. */
export function wrapperPage(recording: string | undefined): string {
  const data = recording === undefined ? '' : ` data-recording="${escaped(recording)}"`
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>statewire viewer</title><style>${style}</style></head>
<body${data}>
<iframe title="statewire viewer" sandbox="allow-scripts allow-downloads"></iframe>
<p role="status" hidden>The relay does not answer: statewire inspect has ended, or this page fell behind and is reloading the current state.</p>
<script>${script}</script>
</body>
</html>
`
}

/** Headers of all responses. */
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
    // In some browsers, 'self' does not include ws:.
    `connect-src 'self' ws://${host}`,
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return { ...always, 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy.join('; ') }
}

/**
 * The viewer has its own policy. In addition, only the relay's page may frame it, and it has an opaque origin even if
 * opened directly.
 */
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
