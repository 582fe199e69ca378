import { ConfigReader } from '../../core/config-reader.ts'
import { sha256Hex } from '../../core/digest.ts'
import { DeckleError } from '../../core/errors.ts'
import { type FeedConfig, feedSecrets, keptFeedConfig, readFeedConfig } from '../../core/feed-config.ts'
import type { Importer, SyncEvent, SyncRun } from '../../core/importer.ts'
import type { JsonObject } from '../../core/json.ts'
import { ManifestError, manifestName, parseManifest } from '../../formats/file-manifest.ts'
import { describeIsoSync } from './iso-sync-report.ts'
import { isoType, toIsoUnit } from './iso-type.ts'
import { describeIsoUpload, uploadIso } from './iso-upload.ts'

const maxManifestBytes = 64 * 1024 * 1024
const batchSize = 256

/** Mirrors a folder of files that has a PULP_MANIFEST (pulp2-types §7). */
export const isoImporter: Importer<FeedConfig> = {
  id: 'iso_importer',
  displayName: 'ISO Importer',
  contentTypes: [isoType.id],
  config: { parse: parseConfig, kept: keptFeedConfig, secrets: feedSecrets },
  upstream: (config) => ({ maxDownloads: 5, ...config.upstream }),
  policy: (config) => config,
  sync,
  describe: describeIsoSync,
  upload: uploadIso,
  describeUpload: describeIsoUpload,
  failedFilesFailTheRun: true,
}

function parseConfig(raw: JsonObject): FeedConfig {
  const reader = new ConfigReader(raw)
  const config = readFeedConfig(reader, { validate: true })
  reader.finish()
  return config
}

async function* sync(run: SyncRun<FeedConfig>): AsyncGenerator<SyncEvent> {
  run.part('manifest', 'not-started')
  const feed = feedOf(run.config)
  const manifest = await readManifest(run, feed)
  const state = { manifest: manifest.sha256, config: fingerprint(run.config) }
  if (isUnchanged(run, state)) return run.part('isos', 'skipped')

  run.expect(isoType.id, manifest.entries.length)
  run.part('isos', 'in-progress')
  const units = manifest.entries.map((entry) => toIsoUnit(entry, feed))
  for (let at = 0; at < units.length; at += batchSize) yield { units: units.slice(at, at + batchSize) }
  yield { complete: [isoType.id] }
  yield { remember: state }
}

function feedOf(config: FeedConfig): string {
  if (config.feed === undefined) {
    throw new DeckleError('invalid', 'the importer has no feed to sync from; set feed in its config', {
      fields: ['feed'],
    })
  }
  return config.feed.endsWith('/') ? config.feed : `${config.feed}/`
}

/** Fetches and reads the manifest; the report tells why, if that fails. */
export async function readManifest(run: Pick<SyncRun<unknown>, 'fetch' | 'part'>, feed: string) {
  run.part('manifest', 'in-progress')
  try {
    const document = await run.fetch({ url: feed + manifestName, maxBytes: maxManifestBytes })
    const bytes = Buffer.concat(await document.read().toArray())
    const entries = parseManifest(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    run.part('manifest', 'finished')
    return { sha256: document.sha256, entries }
  } catch (error) {
    const failure = isMalformed(error) ? malformed(feed, error) : error
    run.part('manifest', 'failed', failure instanceof Error ? failure.message : String(failure))
    throw failure
  }
}

/** A TypeError is what the decoder throws for bytes that are no UTF-8. */
function isMalformed(error: unknown): error is Error {
  return error instanceof ManifestError || error instanceof TypeError
}

function malformed(feed: string, error: Error): DeckleError {
  return new DeckleError(
    'upstream',
    `${feed}${manifestName} cannot be used: ${error.message}`,
    { code: 'malformed' },
    { cause: error },
  )
}

/** What decides, besides the manifest, which files a sync would bring. Hashed, since feeds may hold credentials. */
function fingerprint(config: FeedConfig): string {
  return sha256Hex(JSON.stringify([config.feed, config.removeMissing, config.download]))
}

function isUnchanged({ remembered }: SyncRun<FeedConfig>, state: { manifest: string; config: string }): boolean {
  if (typeof remembered !== 'object' || remembered === null || !('manifest' in remembered)) return false
  return remembered['manifest'] === state.manifest && remembered['config'] === state.config
}
