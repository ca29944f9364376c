import { ChartView } from './chart-view.js'
import { find, setText } from './dom.js'
import { FiguresView } from './figures-view.js'
import { HeadlineView } from './headline-view.js'
import { ListView } from './list-view.js'
import { LogView } from './log-view.js'
import { writeRecording } from './recording.js'
import { RecordingView } from './recording-view.js'
import { Receiver, speakers } from './receiver.js'
import { Store } from './store.js'
import type { Stretch } from './strip.js'
import { followTheme } from './theme.js'
import { TimeView } from './time-view.js'
import type { Watched } from './watched.js'
import { headline, spokenWords } from './words.js'

/** So many charts have room side by side. */
const mostCharts = 4
/** Time runs on when nothing happens, but not so that one sees it move. */
const idleFrame = 100

const button = (id: string): HTMLButtonElement => find(id, HTMLButtonElement)
const block = (id: string): HTMLElement => find(id, HTMLElement)
const canvas = (id: string): HTMLCanvasElement => find(id, HTMLCanvasElement)
const input = (id: string): HTMLInputElement => find(id, HTMLInputElement)

interface Pane {
  readonly headline: HeadlineView
  readonly chart: ChartView
  readonly element: HTMLElement
}

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
  readonly #log = new LogView({
    log: block('log'),
    filter: input('log-find'),
    kinds: block('kinds'),
    pause: button('log-pause'),
    said: block('log-said'),
  })
  readonly #stretch = find('span', HTMLSelectElement)
  readonly #panes = new Map<string, Pane>()
  #selected: readonly string[] = []
  /** By how much the clock of whoever speaks is behind ours, the journey included. */
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
      // First: a frame that fails is reported by the browser, and is not the last one.
      this.#next(tick)
      this.#frame()
    }
    requestAnimationFrame(tick)
  }

  /** At once when there is something new, at leisure when only time goes on. */
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
    this.#renderPanes(selected, stretch.now)
    this.#time.render(selected, stretch)
    this.#figures.render(selected[0], stretch, selected.length - 1)
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

  /** Those that were chosen and are there; the first, while nobody has chosen. */
  #choose(store: Store): Watched[] {
    const chosen = this.#selected.flatMap((id) => store.connections.get(id) ?? [])
    if (chosen.length > 0) return chosen
    const [first] = store.connections.values()
    return first === undefined ? [] : [first]
  }

  #renderPanes(selected: readonly Watched[], now: number): void {
    const shown = selected.slice(0, mostCharts)
    const place = block('charts')
    block('nothing').hidden = shown.length > 0
    // First: a chart that has no room cannot scroll to what is lit.
    block('main').classList.toggle('empty', shown.length === 0)
    for (const [id, { element }] of this.#panes) {
      if (shown.some((watched) => watched.id === id)) continue
      element.remove()
      this.#panes.delete(id)
    }
    for (const watched of shown) {
      const pane = this.#panes.get(watched.id) ?? this.#makePane(watched.id)
      if (pane.element.parentElement !== place) place.append(pane.element)
      pane.headline.render(watched, now)
      pane.chart.render(watched, false)
    }
    place.dataset['count'] = String(shown.length)
    const more = selected.length - shown.length
    setText(block('more'), more > 0 ? `${more} more are selected; ${mostCharts} charts have room side by side.` : '')
  }

  #makePane(id: string): Pane {
    const headlineView = new HeadlineView()
    const chart = new ChartView(find('chart', HTMLTemplateElement))
    const element = document.createElement('section')
    element.className = 'pane'
    element.append(headlineView.element, chart.element)
    const pane = { headline: headlineView, chart, element }
    this.#panes.set(id, pane)
    return pane
  }

  #renderSource(store: Store): void {
    const { player } = this.#recording
    const source = player !== undefined ? 'A recording' : speakers().length > 0 ? 'Live' : 'Opened by nobody'
    const foreign = store.foreign === 0 ? '' : `, ${store.foreign} other actors not shown`
    setText(block('source'), `${source}: ${store.connections.size.toLocaleString('en')} connections${foreign}`)
    button('save').disabled = this.#receiver.heard.length === 0
  }

  /** Read aloud when the state has changed, and not whenever a number has. */
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
      new Blob([writeRecording(this.#receiver.heard.toArray())], { type: 'application/jsonl' }),
    )
    const link = document.createElement('a')
    link.href = url
    link.download = 'statewire.jsonl'
    link.click()
    URL.revokeObjectURL(url)
  }
}

new Page().start()
