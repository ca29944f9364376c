import { afterNextRender, Component, computed, DestroyRef, inject, signal } from '@angular/core'
import { createConnection, textHeartbeat } from 'statewire'
import { inWords } from '../shared/words.js'

@Component({
  selector: 'app-feed',
  template: `
    <output>{{ words() }}</output>
    <form (submit)="send($event, text)">
      <input #text aria-label="Message" required /> <button [disabled]="!status().willRetry">Send</button>
    </form>
    <ul>
      @for (message of messages(); track $index) {
        <li>{{ message }}</li>
      }
    </ul>
  `,
})
export class Feed {
  // On a server only this runs: it dials nothing and starts no timer.
  readonly #connection = createConnection<string>(import.meta.env.VITE_SERVER, {
    autoOpen: false,
    // Short, so you see it at once. The defaults are 20 and 10 seconds.
    heartbeat: textHeartbeat({ interval: 2_000, timeout: 1_000, ping: 'ping', pong: 'pong' }),
  })
  readonly status = signal(this.#connection.getSnapshot())
  readonly words = computed(() => inWords(this.status()))
  readonly messages = signal<string[]>([])

  constructor() {
    this.#connection.subscribe((status) => this.status.set(status))
    this.#connection.on('message', (message) => this.messages.update((all) => [message, ...all].slice(0, 5)))
    afterNextRender(() => this.#connection.open())
    inject(DestroyRef).onDestroy(() => void this.#connection.close())
  }

  send(event: Event, text: HTMLInputElement) {
    event.preventDefault()
    this.#connection.send(text.value) // queued if there is no link
    text.value = ''
  }
}
