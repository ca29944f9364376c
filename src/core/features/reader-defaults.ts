// Separate from reader.ts: its class has a computed member, which keeps it in every bundle that imports the file.
export const messagesDefaults = { limit: 1_000, bytes: 1_048_576, overflow: 'pause' } as const
