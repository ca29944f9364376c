import { createConnection, textHeartbeat } from 'statewire'
import { inWords } from '../shared/words.js'

/** Shows a connection in an element. Returns a function that removes both. */
export function mount(root: Element): () => void {
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
  connection.subscribe((status) => {
    output.textContent = inWords(status)
    button.disabled = !status.willRetry
  })
  connection.on('message', (message) => {
    const item = document.createElement('li')
    item.textContent = message
    list.prepend(item)
    list.children[5]?.remove()
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    connection.send(input.value) // queued if there is no link
    form.reset()
  })

  return () => {
    void connection.close()
    root.replaceChildren()
  }
}
