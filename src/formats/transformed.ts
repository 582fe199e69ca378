import { type Duplex, pipeline } from 'node:stream'

export type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** The bytes of `source` after `transform`, with backpressure; leaving the iteration early stops both. */
export async function* transformed(source: Bytes, transform: Duplex): AsyncGenerator<Buffer> {
  // Errors reach the loop below through the transform, which pipeline destroys with them.
  pipeline(source, transform, () => {})
  for await (const chunk of transform) yield chunk
}
