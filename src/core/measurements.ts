import type { TaskState } from './task.ts'

export interface QueueMeasures {
  readonly waiting: number
  readonly running: number
  /** Seconds since the oldest task was queued that could run now and does not; 0 when there is none. */
  readonly oldestReady: number
}

export interface EndedTasks {
  readonly operation: string
  readonly state: TaskState
  readonly tasks: number
}

export interface StoreMeasures {
  readonly blobs: number
  /** Of all blobs together. */
  readonly bytes: number
  /** Of the database. */
  readonly databaseBytes: number
}

/** Numbers about the whole installation, cheap enough for a scrape every few seconds. */
export interface Measurements {
  queue(): Promise<QueueMeasures>
  /** Tasks that ended since the first call, which answers none. */
  ended(): Promise<readonly EndedTasks[]>
  /** Counted at most once a minute, more seldom where counting takes long; undefined until the first count is done. */
  store(): Promise<StoreMeasures | undefined>
  /** Files that are being fetched on demand now. */
  fetches(): Promise<number>
}
