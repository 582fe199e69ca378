import { createHash } from 'node:crypto'
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Pool } from 'undici'

/**
 * What a Node process cannot do without to mirror files: run by itself as `bare-mirror.ts <url> <folder> <name>…`. It downloads them over 16
 * connections, hashes, writes and flushes each, names it by its hash and flushes the folder of the names, in batches. No retries,
 * nothing checked, parsed or recorded.
 */
const [url = '', folder = '', ...names] = process.argv.slice(2)
const pool = new Pool(url, { connections: 16, allowH2: false })
const batchFiles = 128

interface Staged {
  readonly path: string
  readonly sha256: string
}

await mkdir(folder, { recursive: true })
const queue = names[Symbol.iterator]()
let batch: Staged[] = []
let flushed = Promise.resolve()
await Promise.all(Array.from({ length: 16 }, mirrorNext))
commitBatch()
await flushed
await pool.destroy()

async function mirrorNext(): Promise<void> {
  for (const name of queue) {
    batch.push(await mirror(name))
    if (batch.length >= batchFiles) commitBatch()
  }
}

async function mirror(name: string): Promise<Staged> {
  const sha256 = createHash('sha256')
  const chunks: Uint8Array[] = []
  await receive(name, (chunk) => {
    sha256.update(chunk)
    chunks.push(chunk)
  })
  const path = join(folder, name)
  const file = await open(path, 'wx')
  await file.writev(chunks)
  await file.close()
  return { path, sha256: sha256.digest('hex') }
}

function receive(name: string, take: (chunk: Uint8Array) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    pool.dispatch(
      { path: `/${name}`, method: 'GET' },
      {
        onRequestStart: () => undefined,
        onResponseStart: () => undefined,
        onResponseData: (_controller, chunk) => take(chunk),
        onResponseEnd: () => resolve(),
        onResponseError: (_controller, error) => reject(error),
      },
    )
  })
}

/** Batch after batch, while the next ones arrive. */
function commitBatch(): void {
  const files = batch
  batch = []
  flushed = flushed.then(async () => {
    await Promise.all(files.map(({ path }) => flush(path)))
    await Promise.all(files.map(({ path, sha256 }) => rename(path, join(folder, sha256))))
    await flush(folder)
  })
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r')
  await file.datasync()
  await file.close()
}
