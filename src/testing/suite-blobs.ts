import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { FileBlobStore } from '../blobs/file-blob-store.ts'
import type { BlobStore } from '../core/blob-store.ts'
import { inOnePiece } from '../core/in-one-piece.ts'

/** Declares a blob store on disk for the suite that calls this: open in its hooks and tests, removed after it. */
export function suiteBlobs(): { readonly store: FileBlobStore } {
  let folder: string
  let store: FileBlobStore | undefined
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deckle-test-'))
    store = await FileBlobStore.open(folder)
  })
  after(() => rm(folder, { recursive: true, force: true }))
  return {
    get store() {
      if (store === undefined) throw new Error('the blob store is open in hooks and tests only')
      return store
    },
  }
}

/** Stores the bytes and returns their sha256. */
export async function storeBlob(blobs: BlobStore, content: string | Uint8Array): Promise<string> {
  const staged = await blobs.stage(inOnePiece(Buffer.from(content)))
  await blobs.commit([staged])
  return staged.sha256
}
