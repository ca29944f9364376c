/** A session id from a number. */
export const sessionId = (index: number): string => String(index).padStart(22, '0')
