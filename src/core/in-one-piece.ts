/** Bytes, or a text in UTF-8, as a body that is read piece by piece. */
export async function* inOnePiece(body: Uint8Array | string): AsyncGenerator<Uint8Array> {
  yield typeof body === 'string' ? Buffer.from(body) : body
}
