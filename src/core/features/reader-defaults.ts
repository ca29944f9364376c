// By itself, so that options can name them without the readers.
export const messagesDefaults = { limit: 1_000, bytes: 1_048_576, overflow: 'pause' } as const
