import { createConnection, textHeartbeat } from 'statewire'

// Chromium runs this file each time it starts the worker, so the connection is made at the top level.
const connection = createConnection<string>(import.meta.env.VITE_SERVER, {
  // Chromium ends a worker 30 s after its last event or message. A heartbeat of 20 s keeps it alive while the link is open.
  heartbeat: textHeartbeat({ ping: 'ping', pong: 'pong' }),
})
connection.subscribe(({ state }) => void chrome.action.setBadgeText({ text: state === 'open' ? 'on' : 'off' }))
connection.on('message', (message) => console.log(message))

// Timers do not keep it alive, so it may end while the connection waits for its next attempt. The alarm starts it again.
chrome.alarms.onAlarm.addListener(() => {})
void chrome.alarms.create('connect', { periodInMinutes: 0.5 })
// With the browser, and not only with the first alarm.
chrome.runtime.onStartup.addListener(() => {})
