/* oxlint-disable unicorn/prefer-add-event-listener -- handlers are under test */
import { expect, test } from 'vitest'
import { guardedController } from '../../../src/core/features/guarded-controller.js'

test('a signal is a platform signal whose listeners and handler are called once, in order, on the signal', () => {
  const controller = guardedController(() => {})
  const calls: unknown[] = []
  const listen = function (this: unknown, event: Event): void {
    calls.push([this === controller.signal, event.type])
  }
  controller.signal.addEventListener('abort', listen)
  controller.signal.addEventListener('abort', listen)
  controller.signal.onabort = listen
  controller.signal.addEventListener('abort', { handleEvent: () => calls.push('object') }, { once: true })
  expect(controller.signal).toBeInstanceOf(AbortSignal)
  expect(controller.signal.onabort).toBe(listen)
  controller.abort()
  expect(calls).toEqual([[true, 'abort'], [true, 'abort'], 'object'])
  expect(controller.signal.aborted).toBe(true)
})

test('a listener and a handler can be removed and replaced', () => {
  const controller = guardedController(() => {})
  const { signal } = controller
  const calls: string[] = []
  const gone = (): number => calls.push('gone')
  signal.addEventListener('abort', gone)
  signal.removeEventListener('abort', gone)
  signal.onabort = gone
  signal.onabort = () => calls.push('handler')
  signal.addEventListener('abort', null as never)
  controller.abort('reason')
  expect([calls, signal.reason]).toEqual([['handler'], 'reason'])
  signal.onabort = null
  expect(signal.onabort).toBe(null)
})

test('fetch, timers and derived signals accept the signal', async () => {
  const controller = guardedController(() => {})
  const derived = AbortSignal.any([controller.signal])
  const fetched = fetch('http://127.0.0.1:9/', { signal: controller.signal })
  controller.abort()
  await expect(fetched).rejects.toMatchObject({ name: 'AbortError' })
  expect(derived.aborted).toBe(true)
})

test('a listener that throws or rejects is reported, and the next one is called', async () => {
  const reported: unknown[] = []
  const controller = guardedController((thrown) => reported.push(thrown))
  const [thrown, rejected] = [new Error('thrown'), new Error('rejected')]
  let called = false
  controller.signal.addEventListener('abort', () => {
    throw thrown
  })
  controller.signal.addEventListener('abort', (): unknown => Promise.reject(rejected))
  controller.signal.addEventListener('abort', () => (called = true))
  controller.abort()
  await Promise.resolve()
  await Promise.resolve()
  expect([reported, called]).toEqual([[thrown, rejected], true])
})
