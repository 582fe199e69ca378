import type { Expected } from './digest.ts'
import type { Scratch } from './scratch.ts'
import type { FetchedDocument } from './upstream.ts'

/** The temporary files of one run. `dispose` deletes them all; what a dead process leaves is swept at the next start. */
export interface Spool {
  /** Takes a body whole, verified; on an error nothing of it stays. */
  spool(body: AsyncIterable<Uint8Array>, expected: Expected, url: string): Promise<FetchedDocument>
  scratch(): Promise<Scratch>
  /** Path of a new folder, for what opens files by their names. */
  folder(): Promise<string>
  dispose(): Promise<void>
}
