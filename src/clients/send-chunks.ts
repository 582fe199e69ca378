import { type Measured, Verifier } from '../core/digest.ts'
import { type Patience, patiently } from './patiently.ts'
import type { PulpClient } from './pulp-client.ts'

export interface SendOptions extends Patience {
  readonly signal?: AbortSignal
  /** Called with all bytes that are on the server so far. */
  readonly watch?: (bytes: number) => void
}

/**
 * Writes chunks into an upload, one after the other, and says what they are. A chunk whose answer got lost, since the server was
 * started anew, is sent once more. Throws ServerError when the server refuses one, UnreachableError when it stays away.
 */
export async function sendChunks(
  client: Pick<PulpClient, 'writeUpload'>,
  upload: string,
  chunks: AsyncIterable<Uint8Array>,
  options: SendOptions = {},
): Promise<Measured> {
  const verifier = new Verifier()
  let offset = 0
  for await (const chunk of chunks) {
    options.signal?.throwIfAborted()
    verifier.update(chunk)
    await patiently(() => client.writeUpload(upload, offset, chunk), options)
    offset += chunk.length
    options.watch?.(offset)
  }
  return verifier.finish()
}
