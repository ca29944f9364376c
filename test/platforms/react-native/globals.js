// The globals of React Native 0.88 that statewire may use, from its own sources.
import { AbortController } from 'react-native/src/private/webapis/dom/abort-api/AbortController.js'
import { AbortSignal_public as AbortSignal } from 'react-native/src/private/webapis/dom/abort-api/AbortSignal.js'
import Event from 'react-native/src/private/webapis/dom/events/Event.js'
import EventTarget from 'react-native/src/private/webapis/dom/events/EventTarget.js'
import Blob from 'react-native/Libraries/Blob/Blob.js'
import { URL, URLSearchParams } from 'react-native/Libraries/Blob/URL.js'
import RCTDeviceEventEmitter from 'react-native/Libraries/EventEmitter/RCTDeviceEventEmitter.js'
import WebSocket from 'react-native/Libraries/WebSocket/WebSocket.js'

globalThis.window = globalThis
globalThis.navigator = { product: 'ReactNative' }
globalThis.native.emit = (type, event) => RCTDeviceEventEmitter.emit(type, event)
Object.assign(globalThis, { AbortController, AbortSignal, Blob, URL, URLSearchParams, WebSocket })

const { without = [] } = globalThis.native
// Older versions have none.
if (!without.includes('events')) Object.assign(globalThis, { Event, EventTarget })
if (without.includes('events') && globalThis.native.polyfilled) require('event-target-polyfill')
if (without.includes('getters')) {
  // As in older versions.
  const missing = ['hash', 'host', 'hostname', 'origin', 'password', 'pathname', 'port', 'protocol', 'username']
  for (const name of missing) {
    Object.defineProperty(URL.prototype, name, {
      get() {
        throw new Error(`URL.${name} is not implemented`)
      },
    })
  }
}
