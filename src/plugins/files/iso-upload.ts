import { Verifier } from '../../core/digest.ts'
import { invalid } from '../../core/errors.ts'
import type { FeedConfig } from '../../core/feed-config.ts'
import type { JsonObject } from '../../core/json.ts'
import type { UploadDescription, UploadedUnits, UploadRun } from '../../core/upload.ts'
import { type ManifestEntry, nameFault } from '../../formats/file-manifest.ts'
import { isoType } from './iso-type.ts'

/**
 * The unit of an uploaded file; its key says what the file is (pulp2-types §7). With `validate`, the default, the file must have that
 * size and checksum. One that the server has already is put into this repository, too.
 */
export async function uploadIso(run: UploadRun<FeedConfig>): Promise<UploadedUnits> {
  const key = readKey(run.key)
  const measured = await measure(run, run.config.validate ? key : undefined)
  const file = {
    path: key.name,
    size: measured.size,
    digests: [{ algorithm: 'sha256', value: measured.sha256 } as const],
    urls: [],
    content: () => run.file.read(),
  }
  return { units: [{ type: isoType.id, key, metadata: key, files: [file] }] }
}

/** Clients of this plugin know null where others have empty values (pulp2-types §7). */
export function describeIsoUpload({ error }: { readonly error?: string }): UploadDescription {
  return { success_flag: error === undefined, summary: error ?? null, details: null }
}

function readKey({ name, checksum, size }: JsonObject): ManifestEntry & JsonObject {
  const fault = typeof name === 'string' ? nameFault(name) : 'is no text'
  if (typeof name !== 'string' || fault !== undefined) throw invalid(`the name in unit_key ${fault}`, ['name'])
  if (typeof checksum !== 'string' || !/^[0-9a-f]{64}$/i.test(checksum))
    throw invalid('the checksum in unit_key must be a sha256 in hexadecimal', ['checksum'])
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw invalid('the size in unit_key must be a number of bytes', ['size'])
  return { name, checksum: checksum.toLowerCase(), size }
}

/** Reads the file once; throws when it is not the expected one, even if that is stored already. */
async function measure({ file, signal }: UploadRun<FeedConfig>, expected: ManifestEntry | undefined) {
  const verifier = new Verifier(
    expected && { size: expected.size, digests: [{ algorithm: 'sha256', value: expected.checksum }] },
  )
  for await (const chunk of file.read()) {
    signal.throwIfAborted()
    verifier.update(chunk)
  }
  return verifier.finish()
}
