import { createBrowserInspector, createInspector } from '@statelyai/inspect'
import { describe, expectTypeOf, test } from 'vitest'
import type { InspectionEvent } from 'xstate'
import { createConnection, type ConnectionInspection, type ConnectionStatus } from '../../src/index.js'

const connection = createConnection('wss://a.test', { autoOpen: false })

/** https://svelte.dev/docs/svelte/stores#Store-contract */
interface SvelteReadable<T> {
  subscribe(this: void, run: (value: T) => void, invalidate?: () => void): (() => void) | { unsubscribe: () => void }
}

/** As declared in `@types/react`. */
type UseSyncExternalStore = <Snapshot>(
  subscribe: (onStoreChange: () => void) => () => void,
  getSnapshot: () => Snapshot,
  getServerSnapshot?: () => Snapshot,
) => Snapshot

describe('a connection is a store', () => {
  test('for Svelte', () => {
    expectTypeOf(connection).toExtend<SvelteReadable<ConnectionStatus>>()
  })

  test('for React, unbound', () => {
    const { subscribe, getSnapshot } = connection
    const useSyncExternalStore = {} as UseSyncExternalStore
    const use = (): ConnectionStatus => useSyncExternalStore(subscribe, getSnapshot, getSnapshot)
    expectTypeOf(use).returns.toEqualTypeOf<ConnectionStatus>()
  })

  test('for a consumer of an async iterable', () => {
    expectTypeOf(connection).toExtend<AsyncIterable<string | ArrayBuffer | Blob>>()
  })
})

describe('an inspector', () => {
  test('is a function or an object with next', () => {
    const events: ConnectionInspection[] = []
    expectTypeOf(connection.inspect((event) => void events.push(event))).toEqualTypeOf<() => void>()
    connection.inspect({ next: (event) => void events.push(event) })
  })

  test('may be any library’s that follows the protocol', () => {
    createConnection('wss://a.test', { inspect: createInspector({ send() {} }).inspect })
    connection.inspect(createBrowserInspector().inspect)
    connection.inspect((event: InspectionEvent) => event.rootId)
    expectTypeOf<ConnectionInspection>().toExtend<InspectionEvent>()
  })

  test('receives events discriminated by type', () => {
    connection.inspect((event) => {
      if (event.type === '@xstate.snapshot') expectTypeOf(event.snapshot.status).toExtend<string>()
      // @ts-expect-error -- an announced actor has no event
      else if (event.type === '@xstate.actor') expectTypeOf(event.event)
      else expectTypeOf(event.event.type).toEqualTypeOf<string>()
    })
  })
})
