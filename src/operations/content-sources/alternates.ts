import type { Expected } from '../../core/digest.ts'
import type { UpstreamResponse } from '../../core/upstream.ts'

/** An address where a content source says that it has the bytes of a file. */
export interface Alternate {
  readonly sourceId: string
  readonly url: string
}

/** Other places than its own upstream that a file may come from (pulp2-api §9.4). */
export interface Alternates {
  /** For each of the files, best first; nothing for one without a digest. */
  find(files: readonly Expected[]): Promise<readonly (readonly Alternate[])[]>
  /** As `Upstream.download`; whoever verifies the bytes throws what that says of them, and it counts against the source. */
  download<T>(
    alternate: Alternate,
    consume: (body: AsyncIterable<Uint8Array>, response: UpstreamResponse) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T>
  close(): Promise<void>
}

/** For who has no content sources. */
export const noAlternates: Alternates = {
  find: async (files) => files.map(() => []),
  download: async ({ url }) => {
    throw new Error(`there is no content source with ${url}`)
  },
  close: async () => undefined,
}
