import { setTimeout as pause } from 'node:timers/promises'
import type { ConfigReader } from '../../core/config-reader.ts'

const mostSeconds = 3600

/** Seconds that a run is to wait; 0 without the key. */
export function readDelay(reader: ConfigReader, key: string): number {
  const seconds = reader.number(key, 0) ?? 0
  if (seconds > mostSeconds) reader.refuse(key, `${key} must not be above ${mostSeconds}`)
  return seconds
}

/** Rejects at once when it is aborted. */
export async function delay(seconds: number, signal: AbortSignal): Promise<void> {
  if (seconds > 0) await pause(seconds * 1000, undefined, { signal })
}
