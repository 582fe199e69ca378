import type { Json, JsonObject } from '../core/json.ts'
import { yumImporter } from '../plugins/rpm/yum-importer.ts'
import { type RepodataOptions, servedAt, yumRepository } from './repodata.ts'
import { SyncTrial, type UpstreamFiles } from './sync-run.ts'

/** Where `upstream` serves. */
export const feed = 'http://upstream.test/zoo'
export const repomdUrl = `${feed}/repodata/repomd.xml`

/** The metadata of a yum repository, by its URLs. */
export async function upstream(options: RepodataOptions): Promise<Record<string, Buffer>> {
  return servedAt(`${feed}/`, await yumRepository(options))
}

/** A sync of the yum importer with what `files` serve; rejects with what it threw. */
export function sync(files: UpstreamFiles, config: JsonObject = {}, remembered?: Json) {
  return new SyncTrial(yumImporter, files).run({ feed, ...config }, remembered)
}

export async function synced(options: RepodataOptions, config: JsonObject = {}) {
  return sync(await upstream(options), config)
}

/** The file names of what a sync has found. */
export function namesOf({ units }: { readonly units: readonly { readonly metadata: JsonObject }[] }): Json[] {
  return units.map(({ metadata }) => metadata['filename'] ?? null)
}
