export { protocolName } from './protocol.js'
export { resumable } from './resumable.js'
export type {
  AuthContext,
  Continuity,
  LostReason,
  PersistOptions,
  ResumeOptions,
  ResumeSession,
  SessionBegun,
  SessionCounters,
  SessionKept,
  SessionLost,
} from './resume.types.js'
