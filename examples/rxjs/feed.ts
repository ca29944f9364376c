import { fromEvent, fromEventPattern, map, Observable, scan, Subscription } from 'rxjs'
import { createConnection, textHeartbeat, type ConnectionStatus } from 'statewire'
import { inWords } from '../shared/words.js'

/** Shows a connection in an element until you unsubscribe. */
export function show(root: Element): Subscription {
  root.innerHTML = `
    <output></output>
    <form><input aria-label="Message" required /> <button>Send</button></form>
    <ul></ul>`
  const output = root.querySelector('output')!
  const form = root.querySelector('form')!
  const input = root.querySelector('input')!
  const button = root.querySelector('button')!
  const list = root.querySelector('ul')!

  const connection = createConnection<string>(import.meta.env.VITE_SERVER, {
    // Short, so you see it at once. The defaults are 20 and 10 seconds.
    heartbeat: textHeartbeat({ interval: 2_000, timeout: 1_000, ping: 'ping', pong: 'pong' }),
  })
  // Not `from(connection)`: it is also an async iterable of messages, and the types of RxJS see only that.
  const status$ = new Observable<ConnectionStatus>((to) => connection.subscribe((status) => to.next(status)))
  const latest$ = fromEventPattern<string>(
    (listener) => connection.on('message', listener),
    (_, off: () => void) => off(),
  ).pipe(
    map((message) => Object.assign(document.createElement('li'), { textContent: message })),
    scan((all, item) => [item, ...all].slice(0, 5), [] as HTMLLIElement[]),
  )

  const shown = new Subscription(() => void connection.close())
  shown.add(
    status$.subscribe((status) => {
      output.textContent = inWords(status)
      button.disabled = !status.willRetry
    }),
  )
  shown.add(latest$.subscribe((items) => list.replaceChildren(...items)))
  shown.add(
    fromEvent(form, 'submit').subscribe((event) => {
      event.preventDefault()
      connection.send(input.value) // queued if there is no link
      form.reset()
    }),
  )
  return shown
}
