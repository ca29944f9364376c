/** The longest line that is sent, in UTF-16 code units: what has no end must not fill the memory. */
export const longestLine = 16_777_216

/** A line that is too long to be a message. */
export class LongLine extends Error {
  override readonly name = 'LongLine'
}

/**
 * The lines of a stream of UTF-8, as many at once as came at once. A line ends with LF or CR LF; the last one need not.
 * What is not UTF-8 becomes U+FFFD. Throws `LongLine`.
 */
export async function* linesOf(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let rest = ''
  for await (const chunk of input) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    // Most chunks of a long line have no end of it; they are not to be looked through again and again.
    const end = text.lastIndexOf('\n')
    if (end !== -1) {
      yield (rest + text.slice(0, end)).split('\n').map(withoutReturn)
      rest = text.slice(end + 1)
    } else {
      rest += text
    }
    if (rest.length > longestLine) throw new LongLine(`a line of the input is longer than ${longestLine} characters`)
  }
  rest += decoder.decode()
  if (rest !== '') yield [withoutReturn(rest)]
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

/** How lines stand for messages: text as it is, or the bytes of a binary message. */
export type LineForm = 'text' | 'hex' | 'base64'

/** A line that is not what all of them are to be. */
export class BadLine extends Error {
  override readonly name = 'BadLine'
}

const shapes = { hex: /^(?:[\da-f]{2})*$/i, base64: /^(?:[\w+/-]{4})*(?:[\w+/-]{2,3}={0,2})?$/ } as const

/** The messages that lines stand for. Throws `BadLine`: one that was left out would be missed by nobody. */
export async function* messagesOf(
  batches: AsyncIterable<readonly string[]>,
  form: LineForm,
): AsyncGenerator<readonly (string | Uint8Array)[]> {
  for await (const batch of batches) yield form === 'text' ? batch : batch.map((line) => bytesOf(line, form))
}

function bytesOf(line: string, form: 'hex' | 'base64'): Uint8Array {
  const digits = line.replaceAll(/\s/g, '')
  if (shapes[form].test(digits)) return Buffer.from(digits, form)
  throw new BadLine(`a line of the input (of ${line.length} characters) is not ${form}`)
}
