/** A number that was typed, or a sentence for whoever typed it. */
export function whole(option: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new RangeError(`--${option} ${text} must be a whole number from ${min} to ${max}`)
}

/** Whoever typed the command wants a sentence; a fault of ours comes with its stack. */
export async function run(command: string, main: () => Promise<void>): Promise<void> {
  try {
    await main()
  } catch (error) {
    const mistyped = error instanceof RangeError || (error instanceof TypeError && 'code' in error)
    console.error(mistyped ? `${error.message}\n\nnpm run ${command} -- --help tells more.` : error)
    process.exitCode = mistyped ? 2 : 1
  }
}
