/** The longest accepted line, in UTF-16 code units, so that endless input does not fill the memory. */
export const longestLine = 16_777_216

/** Thrown for a line that is too long. */
export class LongLine extends Error {
  override readonly name = 'LongLine'
}

/**
 * Splits a UTF-8 stream into lines, batched as they arrive. A line ends with LF or CR LF; the last one need not.
 * Invalid UTF-8 becomes U+FFFD. Throws `LongLine`.
 */
export async function* linesOf(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let rest = ''
  for await (const chunk of input) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    // Search only the new chunk, so that a long line is not scanned repeatedly.
    const end = text.lastIndexOf('\n')
    if (end !== -1) {
      yield (rest + text.slice(0, end)).split('\n').map(withoutReturn)
      rest = text.slice(end + 1)
    } else {
      rest += text
    }
    if (rest.length > longestLine) throw new LongLine(`an input line is longer than ${longestLine} characters`)
  }
  rest += decoder.decode()
  if (rest !== '') yield [withoutReturn(rest)]
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

/** The format of input lines: text, or the bytes of binary messages. */
export type LineForm = 'text' | 'hex' | 'base64'

/** Thrown for a line that is not valid in the chosen format. */
export class BadLine extends Error {
  override readonly name = 'BadLine'
}

const patterns = { hex: /^(?:[\da-f]{2})*$/i, base64: /^(?:[\w+/-]{4})*(?:[\w+/-]{2,3}={0,2})?$/ } as const

/** Converts lines to messages. Throws `BadLine` instead of skipping an invalid line. */
export async function* messagesOf(
  batches: AsyncIterable<readonly string[]>,
  form: LineForm,
): AsyncGenerator<readonly (string | Uint8Array)[]> {
  for await (const batch of batches) yield form === 'text' ? batch : batch.map((line) => bytesOf(line, form))
}

function bytesOf(line: string, form: 'hex' | 'base64'): Uint8Array {
  const digits = line.replaceAll(/\s/g, '')
  if (patterns[form].test(digits)) return Buffer.from(digits, form)
  throw new BadLine(`an input line (of ${line.length} characters) is not ${form}`)
}
