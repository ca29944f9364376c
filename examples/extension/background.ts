import { createConnection, textHeartbeat } from 'statewire'

// Chromium runs this file each time it starts the worker, so create the connection at the top level.
const connection = createConnection<string>(import.meta.env.VITE_SERVER, {
  // Chromium ends a worker 30 s after its last event or message. A heartbeat of 20 s keeps it alive while the link is open.
  heartbeat: textHeartbeat({ ping: 'ping', pong: 'pong' }),
})
connection.subscribe(({ state }) => void chrome.action.setBadgeText({ text: state === 'open' ? 'on' : 'off' }))
connection.on('message', (message) => console.log(message))

// Timers don't keep the worker alive, so it may end while the connection waits to retry. The alarm starts it again.
chrome.alarms.onAlarm.addListener(() => {})
void chrome.alarms.create('connect', { periodInMinutes: 0.5 })
// Starts the worker with the browser, not only with the first alarm.
chrome.runtime.onStartup.addListener(() => {})
