import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { BlobPaths } from '../blobs/blob-paths.ts'
import { isMismatch, verified } from '../core/digest.ts'
import { toErrorReport } from '../core/errors.ts'
import { listStoredBlobs, type StoredBlobRow, sampleStoredBlobs } from '../database/list-stored-blobs.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

const sampleSize = 100
/** Of a sample, larger ones are only measured. */
const sampleBytes = 64 * 1024 ** 2
/** Named one by one; more are counted. */
const most = 10

type Fault = 'is missing' | 'has the wrong size' | 'is damaged' | 'cannot be read'

/** Reads stored files and compares them with their names: a sample, or all of them. */
export async function* examineBlobs(folder: string, databaseUrl: string, verify: boolean): AsyncGenerator<Finding> {
  const paths = new BlobPaths(folder)
  const faults: string[] = []
  let checked = 0
  try {
    const blobs = verify ? listStoredBlobs(databaseUrl) : await sampleStoredBlobs(databaseUrl, sampleSize)
    for await (const blob of blobs) {
      const fault = await faultOf(paths, blob, verify ? Number.POSITIVE_INFINITY : sampleBytes)
      if (fault !== undefined) faults.push(`${blob.sha256} ${fault}`)
      checked++
    }
  } catch (error) {
    return yield warning('stored files', `could not be listed: ${toErrorReport(error).message}`, 'ask again')
  }
  yield* report(faults, `${checked} stored files were compared with their names`, verify)
}

function* report(faults: readonly string[], compared: string, verify: boolean): Generator<Finding> {
  const hint = verify ? '' : '; `deckle doctor --verify` compares all'
  if (faults.length === 0) return yield ok('stored files', `${compared}, all are whole${hint}`)
  const remedy = 'restore the disk or a backup, or sync what holds them again after deleting it'
  for (const fault of faults.slice(0, most)) yield problem('stored files', fault, remedy)
  if (faults.length > most) yield problem('stored files', `and ${faults.length - most} more of ${compared}`, remedy)
}

async function faultOf(paths: BlobPaths, blob: StoredBlobRow, mostBytes: number): Promise<Fault | undefined> {
  const path = paths.blob(blob.sha256)
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return 'is missing'
  if (found.size !== blob.size) return 'has the wrong size'
  if (blob.size > mostBytes) return undefined
  try {
    for await (const _ of verified(createReadStream(path), blob));
    return undefined
  } catch (error) {
    return isMismatch(error) ? 'is damaged' : 'cannot be read'
  }
}
