import type { Importer } from '../core/importer.ts'
import type { JsonObject } from '../core/json.ts'
import { silentLog } from '../core/log.ts'
import type { KnownUnit, UploadedUnits, UploadRun } from '../core/upload.ts'

/** What an importer is asked to make units of; whatever is left out is empty. */
export interface UploadTrial {
  readonly type: string
  readonly key?: JsonObject
  readonly metadata?: JsonObject
  readonly bytes?: Uint8Array | string
  readonly config?: JsonObject
  readonly known?: (type: string, key: JsonObject) => KnownUnit | undefined
  readonly signal?: AbortSignal
}

/** Lets an importer make units of an upload in memory. */
export async function tryUpload<Config>(importer: Importer<Config>, trial: UploadTrial): Promise<UploadedUnits> {
  if (importer.upload === undefined) throw new Error(`${importer.id} takes no uploads`)
  return importer.upload(uploadRun(importer, trial))
}

function uploadRun<Config>(importer: Importer<Config>, trial: UploadTrial): UploadRun<Config> {
  const bytes = Buffer.from(trial.bytes ?? '')
  return {
    repository: { id: 'zoo' },
    config: importer.config.parse(trial.config ?? {}),
    type: trial.type,
    key: trial.key ?? {},
    metadata: trial.metadata ?? {},
    file: {
      size: bytes.length,
      async *read({ start, end } = { start: 0, end: bytes.length }) {
        if (start < bytes.length && start <= end) yield bytes.subarray(start, end + 1)
      },
    },
    known: async (type, key) => trial.known?.(type, key),
    signal: trial.signal ?? new AbortController().signal,
    log: silentLog,
  }
}
