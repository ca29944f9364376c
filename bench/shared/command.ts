/** Parses a number; throws a RangeError with a message for the user. */
export function whole(option: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new RangeError(`--${option} ${text} must be a whole number from ${min} to ${max}`)
}

/** Runs a command. A usage error prints its message; any other error prints its stack. */
export async function run(command: string, main: () => Promise<void>): Promise<void> {
  try {
    await main()
  } catch (error) {
    const mistyped = error instanceof RangeError || (error instanceof TypeError && 'code' in error)
    console.error(mistyped ? `${error.message}\n\nnpm run ${command} -- --help shows the options.` : error)
    process.exitCode = mistyped ? 2 : 1
  }
}
