/** What a command finds around it. */
export interface Surroundings {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly env: Readonly<Record<string, string | undefined>>
}

/** One word after `statewire`. */
export interface Command {
  readonly name: string
  /** One line, for the list of commands. */
  readonly summary: string
  /** All that `--help` says. */
  readonly usage: string
  /** Resolves to the exit code. Throws a `UsageError` for arguments that make no sense. */
  run(args: readonly string[], around: Surroundings): Promise<number>
}

/** The command line makes no sense: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Whether the command line is to blame: we say so, or `parseArgs` of Node does. */
export function isUsageError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: unknown }
  return error instanceof UsageError || (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS_'))
}
