import { followTheme } from './canvas.js'
import { find, setText } from './dom.js'
import { FiguresView } from './figures-view.js'
import { headline, spokenWords } from './headline.js'
import { ListView } from './list-view.js'
import { LogView } from './log-view.js'
import { mostCharts, Panes } from './panes.js'
import { writeRecording } from './recording.js'
import { RecordingView } from './recording-view.js'
import { SessionView } from './session-view.js'
import { Receiver, senders } from './receiver.js'
import { Store } from './store.js'
import { TimeView, type Stretch } from './strip.js'
import type { Watched } from './watched.js'
import { count } from './words.js'

/** Between two frames without news. Milliseconds. */
const idleFrame = 100

const button = (id: string): HTMLButtonElement => find(id, HTMLButtonElement)
const block = (id: string): HTMLElement => find(id, HTMLElement)
const canvas = (id: string): HTMLCanvasElement => find(id, HTMLCanvasElement)
const input = (id: string): HTMLInputElement => find(id, HTMLInputElement)

class Page {
  readonly #live = Store.live()
  readonly #receiver = new Receiver(this.#live)
  readonly #recording = new RecordingView({
    bar: block('recording'),
    name: block('recording-name'),
    play: button('play'),
    speed: find('speed', HTMLSelectElement),
    scrub: input('scrub'),
    time: block('recording-time'),
    leave: button('leave'),
    open: button('open'),
    file: input('file'),
    complaint: block('complaint'),
  })
  readonly #list = new ListView({
    list: block('list'),
    filter: input('find'),
    census: block('census'),
    empty: block('empty'),
  })
  readonly #time = new TimeView(canvas('time'))
  readonly #figures = new FiguresView({
    trips: canvas('trips'),
    tripsSaid: block('trips-said'),
    traffic: canvas('traffic'),
    trafficSaid: block('traffic-said'),
    totals: block('totals'),
    whose: block('whose'),
  })
  readonly #session = new SessionView({
    section: block('session'),
    said: block('session-said'),
    totals: block('session-totals'),
  })
  readonly #log = new LogView({
    log: block('log'),
    filter: input('log-find'),
    kinds: block('kinds'),
    pause: button('log-pause'),
    said: block('log-said'),
  })
  readonly #stretch = find('span', HTMLSelectElement)
  readonly #panes = new Panes()
  #selected: readonly string[] = []
  /** How far the sender's clock is behind this page's, including the transit time. Milliseconds. */
  #behind = Infinity
  #lastFrame = performance.now()
  #lastTaken = -1
  #spoken = ''
  #spokenAt = 0

  start(): void {
    followTheme(button('theme'))
    this.#list.onSelect = (ids) => (this.#selected = ids)
    this.#recording.onChange = () => (this.#selected = [])
    button('save').addEventListener('click', () => this.#save())
    this.#receiver.onRecording = (file) => void this.#recording.read(file)
    this.#receiver.start()
    const tick = (): void => {
      // First, so that an exception in one frame does not stop the next.
      this.#next(tick)
      this.#frame()
    }
    requestAnimationFrame(tick)
  }

  /** Schedules the next frame: at once if there is news, otherwise after `idleFrame`. */
  #next(tick: () => void): void {
    const waitUntil = performance.now() + idleFrame
    const ask = (): void => {
      const isNews = this.#store.taken !== this.#lastTaken || this.#recording.player?.playing === true
      if (isNews || performance.now() >= waitUntil) tick()
      else requestAnimationFrame(ask)
    }
    requestAnimationFrame(ask)
  }

  get #store(): Store {
    return this.#recording.player?.store ?? this.#live
  }

  #frame(): void {
    const started = performance.now()
    this.#recording.render(started - this.#lastFrame)
    this.#lastFrame = started
    const store = this.#store
    this.#lastTaken = store.taken
    const stretch: Stretch = { now: this.#now(), span: Number(this.#stretch.value) * 1_000 }
    const selected = this.#choose(store)
    this.#list.render(store, stretch, new Set(selected.map(({ id }) => id)))
    this.#panes.render(selected, stretch.now)
    this.#time.render(selected, stretch)
    this.#figures.render(selected[0], stretch, selected.length - 1)
    this.#session.render(selected[0])
    this.#log.render(selected)
    this.#renderSource(store)
    this.#speak(selected, stretch)
  }

  #now(): number {
    const { player } = this.#recording
    if (player !== undefined) return player.position
    const { latest } = this.#live
    if (latest === 0) return Date.now()
    this.#behind = Math.min(this.#behind, Date.now() - latest)
    return Date.now() - this.#behind
  }

  /** The selected connections that exist; if there are none, the first one that is still observed. */
  #choose(store: Store): Watched[] {
    const chosen = this.#selected.flatMap((id) => store.connections.get(id) ?? [])
    if (chosen.length > 0) return chosen
    const all = [...store.connections.values()]
    const first = all.find(({ gone }) => !gone) ?? all[0]
    return first === undefined ? [] : [first]
  }

  #renderSource(store: Store): void {
    const { player } = this.#recording
    const source = player !== undefined ? 'A recording' : senders().length > 0 ? 'Live' : 'No sender'
    const foreign = store.foreign === 0 ? '' : `, ${count(store.foreign, 'other actor')} not shown`
    setText(block('source'), `${source}: ${count(store.connections.size, 'connection')}${foreign}`)
    button('save').disabled = this.#receiver.received.length === 0
  }

  /** Updates the text for screen readers when a state changes, not whenever a number does. */
  #speak(selected: readonly Watched[], stretch: Stretch): void {
    const at = performance.now()
    if (at - this.#spokenAt < 1_000) return
    this.#spokenAt = at
    this.#time.describe(selected, stretch)
    const words = selected
      .slice(0, mostCharts)
      .map((watched) => `${watched.name}: ${spokenWords(headline(watched, stretch.now))}`)
      .join(' ')
    if (words === this.#spoken) return
    this.#spoken = words
    setText(block('spoken'), words)
  }

  #save(): void {
    const url = URL.createObjectURL(
      new Blob([writeRecording(this.#receiver.received.toArray())], { type: 'application/jsonl' }),
    )
    const link = document.createElement('a')
    link.href = url
    link.download = 'statewire.jsonl'
    link.click()
    URL.revokeObjectURL(url)
  }
}

new Page().start()
