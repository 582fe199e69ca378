import { createHash } from 'node:crypto'
import { ConfigReader } from '../../../core/config-reader.ts'
import { withoutNulls } from '../../../core/config-shape.ts'
import { type DigestAlgorithm, parseDigestAlgorithm } from '../../../core/digest.ts'
import { invalid } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { UploadedFile, UploadedUnits, UploadRun } from '../../../core/upload.ts'
import { checksumMismatch } from '../package/upload-errors.ts'
import { customMetadataPath } from './custom-metadata-path.ts'
import { isCustomType, toCustomMetadataUnit } from './custom-metadata-unit.ts'

type Run = Pick<UploadRun<unknown>, 'repository' | 'key' | 'metadata' | 'file' | 'signal'>

const known = ['data_type', 'repo_id', 'checksum', 'checksum_type', 'filename']

interface Claims {
  readonly type: string
  readonly checksumType: DigestAlgorithm
  readonly checksum: string | undefined
  readonly fileName: string | undefined
}

/**
 * Makes the unit of a file of custom metadata (pulp2-types §5.5). An upload has no name of its own: `filename` is an extension, else the
 * type is the name, with what tells the compression. Throws kind `invalid`; PLP1013 for a wrong checksum.
 */
export async function uploadCustomMetadata(run: Run): Promise<UploadedUnits> {
  const { type, checksumType, ...claims } = readClaims(run)
  const { file } = run
  if (file.size === 0) throw invalid('custom metadata needs a file; upload its bytes', ['upload_id'])
  const value = await checksumOf(run, checksumType)
  if (claims.checksum !== undefined && claims.checksum !== value)
    throw checksumMismatch(checksumType, claims.checksum, value)
  const name = claims.fileName ?? `${type.replaceAll(/[^\w.-]/g, '_')}${await compressionOf(file)}`
  const path = customMetadataPath(name, type)
  if (path === undefined) throw invalid('filename must be the name of a file', ['filename'])
  const custom = { type, checksum: { algorithm: checksumType, value }, size: file.size }
  return { units: [toCustomMetadataUnit(custom, path, () => file.read())] }
}

function readClaims({ repository, key, metadata }: Run): Claims {
  const said: JsonObject = { ...withoutNulls(metadata), ...withoutNulls(key) }
  const reader = new ConfigReader(said)
  for (const name of Object.keys(said))
    if (!known.includes(name)) reader.refuse(name, `${name} is no field of custom metadata`)
  const type = reader.text('data_type') ?? ''
  if (!isCustomType(type)) reader.refuse('data_type', 'data_type must be one that publications do not make themselves')
  if ((reader.text('repo_id') ?? repository.id) !== repository.id)
    reader.refuse('repo_id', 'repo_id must be the repository that it is uploaded to')
  const checksumType = parseDigestAlgorithm(reader.text('checksum_type') ?? 'sha256')
  if (checksumType === undefined) reader.refuse('checksum_type', 'checksum_type is not known; sha256 is usual')
  const fileName = reader.text('filename')
  if (fileName?.includes('/')) reader.refuse('filename', 'filename must be the name of a file')
  const checksum = reader.text('checksum')?.toLowerCase()
  reader.finish()
  return { type, checksumType: checksumType ?? 'sha256', checksum, fileName }
}

async function checksumOf({ file, signal }: Run, algorithm: DigestAlgorithm): Promise<string> {
  const hash = createHash(algorithm)
  for await (const chunk of file.read()) {
    signal.throwIfAborted()
    hash.update(chunk)
  }
  return hash.digest('hex')
}

/** First bytes, hexadecimal, of what clients know by its extension only. */
const compressions = { '1f8b': '.gz', '28b52ffd': '.zst', fd377a585a00: '.xz', '425a68': '.bz2' }

async function compressionOf(file: UploadedFile): Promise<string> {
  const range = { start: 0, end: Math.min(file.size, 6) - 1 }
  const head = Buffer.concat(await Array.fromAsync(file.read(range))).toString('hex')
  return Object.entries(compressions).find(([magic]) => head.startsWith(magic))?.[1] ?? ''
}
