import { createHash } from 'node:crypto'
import { ConfigReader } from '../../../core/config-reader.ts'
import { withoutNulls } from '../../../core/config-shape.ts'
import { type DigestAlgorithm, parseDigestAlgorithm } from '../../../core/digest.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { UploadedFile, UploadedUnits, UploadRun } from '../../../core/upload.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { inspecting } from '../package/signature-policy.ts'
import { checksumMismatch, notAnRpm } from '../package/upload-errors.ts'
import { packageFileName } from '../package-location.ts'
import type { YumImporterConfig } from '../yum-importer-config.ts'
import { type Delta, deltaPath, toDeltaUnit } from './delta-unit.ts'
import { readDeltaPackage } from './read-delta-package.ts'

type Run = Pick<UploadRun<Pick<YumImporterConfig, 'signatures'>>, 'config' | 'key' | 'metadata' | 'file' | 'signal'>

interface Claims {
  readonly checksumType: DigestAlgorithm
  readonly checksum: string | undefined
  readonly fileName: string | undefined
}

/**
 * Makes the unit of an uploaded delta package; all of it is read from the file (pulp2-types §5.5). Throws kind `invalid`: RPM1016 for
 * what is none, PLP1013 for a wrong
 * checksum, RPM1013 or RPM1014 for its signature.
 */
export async function uploadDelta(run: Run): Promise<UploadedUnits> {
  const { checksumType: algorithm, checksum, fileName } = readClaims({ ...run.metadata, ...run.key })
  const delta = await readDelta(run.file)
  const value = await checksumOf(run, algorithm)
  if (checksum !== undefined && checksum !== value) throw checksumMismatch(algorithm, checksum, value)
  const path = deltaPath(fileName ?? usualFileName(delta))
  const file = { path, size: run.file.size, urls: [], content: () => run.file.read() }
  const unit = toDeltaUnit(delta, { algorithm, value }, file)
  for (const { inspect } of inspecting(unit, run.config.signatures).files) await inspect?.(run.file.read())
  return { units: [unit] }
}

function readClaims(raw: JsonObject): Claims {
  const said = withoutNulls(raw)
  const reader = new ConfigReader(said)
  for (const name of Object.keys(said))
    if (!['checksum', 'checksum_type', 'checksumtype', 'filename'].includes(name))
      reader.refuse(name, `${name} is read from the file and cannot be given`)
  const typeField = reader.has('checksum_type') ? 'checksum_type' : 'checksumtype'
  const checksumType = parseDigestAlgorithm(reader.text(typeField) ?? 'sha256')
  if (checksumType === undefined) reader.refuse(typeField, `${typeField} is not known; sha256 is usual`)
  const given = reader.text('filename')
  const fileName = given === undefined ? undefined : packageFileName(given)
  if (given !== undefined && (fileName === undefined || ![fileName, deltaPath(fileName)].includes(given)))
    reader.refuse('filename', 'filename must be the name of a file, below drpms/ or by itself')
  const checksum = reader.text('checksum')?.toLowerCase()
  reader.finish()
  return { checksumType: checksumType ?? 'sha256', checksum, fileName }
}

async function readDelta(file: UploadedFile): Promise<Delta> {
  if (file.size === 0) throw notAnRpm('nothing was uploaded')
  try {
    return await readDeltaPackage((start) => file.read({ start, end: Math.max(start, file.size - 1) }))
  } catch (error) {
    throw error instanceof FormatError ? notAnRpm(error.message, error) : error
  }
}

async function checksumOf({ file, signal }: Run, algorithm: DigestAlgorithm): Promise<string> {
  const hash = createHash(algorithm)
  for await (const chunk of file.read()) {
    signal.throwIfAborted()
    hash.update(chunk)
  }
  return hash.digest('hex')
}

/** As createrepo_c calls it. */
function usualFileName({ name, version, release, arch, oldVersion, oldRelease }: Delta): string {
  return `${name}-${oldVersion}-${oldRelease}_${version}-${release}.${arch}.drpm`
}
