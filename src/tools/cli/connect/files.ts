import { readFileSync } from 'node:fs'
import { UsageError } from '../command.js'

/** Reads the file of `--option @FILE`, which other users of the machine cannot see. */
export function contentOf(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`--${option} @${file} cannot be read: ${(error as Error).message}`)
  }
}
