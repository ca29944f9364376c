/** Shows the worker's connection in an element. Returns a function that removes both. */
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

  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  worker.onmessage = ({ data }: MessageEvent<{ words: string; willRetry: boolean } | { message: string }>) => {
    if ('words' in data) {
      output.textContent = data.words
      button.disabled = !data.willRetry
    } else {
      list.prepend(Object.assign(document.createElement('li'), { textContent: data.message }))
      list.children[5]?.remove()
    }
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    worker.postMessage({ send: input.value })
    form.reset()
  })
  return () => {
    worker.postMessage({ close: true })
    root.replaceChildren()
  }
}
