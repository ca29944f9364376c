import { createConnection, textHeartbeat } from 'statewire'
import { inWords } from '../shared/words.js'

/** Shows a connection in an element. What it returns takes both away. */
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

  const connection = createConnection(import.meta.env.VITE_SERVER, {
    // Short, so that you see it at once; the defaults are 20 and 10 seconds.
    heartbeat: textHeartbeat({ interval: 2_000, timeout: 1_000, ping: 'ping', pong: 'pong' }),
  })
  connection.subscribe((status) => {
    output.textContent = inWords(status)
    button.disabled = !status.willRetry
  })
  connection.on('message', (message) => {
    const item = document.createElement('li')
    item.textContent = String(message)
    list.prepend(item)
    list.children[5]?.remove()
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    connection.send(input.value) // or kept until there is a link
    form.reset()
  })

  return () => {
    void connection.close()
    root.replaceChildren()
  }
}
