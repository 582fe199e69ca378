import type { JsonObject } from './json.ts'

/** Structured log lines. Fields hold no secrets: redact before you log. */
export interface Log {
  /** Absent unless such lines are wanted, so that nobody makes fields in vain. */
  debug?(message: string, fields?: JsonObject): void
  info(message: string, fields?: JsonObject): void
  warn(message: string, fields?: JsonObject): void
  error(message: string, fields?: JsonObject): void
  /** The same log with these fields on every line. */
  with(fields: JsonObject): Log
}

/** For callers that have nobody to tell. */
export const silentLog: Log = { info() {}, warn() {}, error() {}, with: () => silentLog }
