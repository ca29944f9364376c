/** What a viewer says to whoever has something to show: it listens. The same word as Stately's. */
export const hello = '@statelyai.connected'
/** And when it is left or closed. */
export const goodbye = '@statewire.left'
/** Asks a viewer that was there first to say hello again. */
export const knock = '@statewire.knock'

/** Which word it is, if it is one. */
export function wordOf(data: unknown): unknown {
  return typeof data === 'object' && data !== null ? (data as { type?: unknown }).type : undefined
}
