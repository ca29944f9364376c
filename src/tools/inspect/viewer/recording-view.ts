import { setAttribute, setText } from './dom.js'
import { Player, readRecording, type Recording } from './recording.js'
import { count, span } from './words.js'

export interface RecordingParts {
  readonly bar: HTMLElement
  readonly name: HTMLElement
  readonly play: HTMLButtonElement
  readonly speed: HTMLSelectElement
  readonly scrub: HTMLInputElement
  readonly time: HTMLElement
  readonly leave: HTMLButtonElement
  readonly open: HTMLButtonElement
  readonly file: HTMLInputElement
  readonly complaint: HTMLElement
}

/** Opens recordings and plays them. */
export class RecordingView {
  /** Called when a recording is opened or closed. */
  onChange: () => void = () => {}
  player: Player | undefined
  readonly #parts: RecordingParts

  constructor(parts: RecordingParts) {
    this.#parts = parts
    const { play, speed, scrub, leave, open, file } = parts
    open.addEventListener('click', () => file.click())
    file.addEventListener('change', () => {
      const [chosen] = file.files ?? []
      if (chosen !== undefined) void this.read(chosen)
      // Lets you choose the same file again.
      file.value = ''
    })
    play.addEventListener('click', () => this.#toggle())
    speed.addEventListener('change', () => {
      if (this.player !== undefined) this.player.speed = Number(speed.value)
    })
    scrub.addEventListener('input', () => {
      const { player } = this
      if (player === undefined) return
      player.playing = false
      player.seek(player.recording.start + Number(scrub.value))
    })
    leave.addEventListener('click', () => {
      this.player = undefined
      this.onChange()
    })
    addEventListener('dragover', (event) => {
      event.preventDefault()
      document.body.classList.add('dragging')
    })
    addEventListener('dragleave', (event) => {
      if (event.relatedTarget === null) document.body.classList.remove('dragging')
    })
    addEventListener('drop', (event) => {
      event.preventDefault()
      document.body.classList.remove('dragging')
      const [dropped] = event.dataTransfer?.files ?? []
      if (dropped !== undefined) void this.read(dropped)
    })
  }

  async read(file: File): Promise<void> {
    const { complaint } = this.#parts
    let text: string
    try {
      text = await file.text()
    } catch {
      setText(complaint, `${file.name} cannot be read.`)
      return
    }
    const recording = readRecording(text)
    if (recording.messages.length === 0) {
      setText(
        complaint,
        `${file.name} contains no inspection messages. A recording is JSON Lines, one message per line.`,
      )
      return
    }
    const { unread } = recording
    const skipped = unread === 0 ? '' : `${file.name}: skipped ${count(unread, 'line')} without a message.`
    setText(complaint, skipped)
    this.open(recording, file.name)
  }

  open(recording: Recording, name: string): void {
    const { name: label, scrub, speed } = this.#parts
    this.player = new Player(recording)
    this.player.speed = Number(speed.value)
    this.player.playing = true
    scrub.max = String(recording.end - recording.start)
    setText(label, `${name}, ${count(recording.messages.length, 'message')}`)
    this.onChange()
  }

  render(elapsed: number): void {
    const { player } = this
    const { bar, play, scrub, time } = this.#parts
    bar.hidden = player === undefined
    if (player === undefined) return
    player.advance(elapsed)
    const { start, end } = player.recording
    const at = player.position - start
    if (document.activeElement !== scrub || player.playing) scrub.value = String(at)
    const words = `${span(at)} of ${span(end - start)}`
    setAttribute(scrub, 'aria-valuetext', words)
    setText(time, words)
    setText(play, player.playing ? 'Pause' : player.atEnd ? 'Replay' : 'Play')
  }

  #toggle(): void {
    const { player } = this
    if (player === undefined) return
    if (!player.playing && player.atEnd) player.seek(player.recording.start)
    player.playing = !player.playing
  }
}
