/** Shows the connection that all tabs share. The worker ends with the last tab. */
export function show(root: Element): void {
  root.innerHTML = `
    <output></output>
    <form><input aria-label="Message" required /> <button>Send</button></form>
    <ul></ul>`
  const output = root.querySelector('output')!
  const form = root.querySelector('form')!
  const input = root.querySelector('input')!
  const button = root.querySelector('button')!
  const list = root.querySelector('ul')!

  const feed = new BroadcastChannel('feed')
  feed.onmessage = ({ data }: MessageEvent<{ words: string; willRetry: boolean } | { message: string }>) => {
    if ('words' in data) {
      output.textContent = data.words
      button.disabled = !data.willRetry
    } else {
      list.prepend(Object.assign(document.createElement('li'), { textContent: data.message }))
      list.children[5]?.remove()
    }
  }
  const { port } = new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'feed' })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    port.postMessage(input.value)
    form.reset()
  })
}
