import type { BlobCatalog } from '../../core/blob-catalog.ts'
import type { BlobStore } from '../../core/blob-store.ts'
import type { FileSharing } from '../../core/distributor.ts'
import { canonicalJson, type JsonObject } from '../../core/json.ts'
import type {
  NewGeneratedFile,
  NewPublication,
  Publication,
  PublicationDraft,
  PublicationStore,
} from '../../core/publication.ts'
import type { Rope } from '../../core/rope.ts'
import type { TaskRun } from '../../core/task.ts'
import { storeFile } from '../make-publication.ts'

export interface SharingServices {
  readonly publications: PublicationStore
  readonly blobs: BlobStore
  readonly blobCatalog: BlobCatalog
}

interface Wanted {
  readonly wanted: NewPublication
  readonly sharing: FileSharing
  /** When the version was made. */
  readonly created: Date
}

/**
 * Makes a publication live whose generated files are those of one that shows the same content by an equal config. No bytes are
 * copied; where clients have seen younger files, those few that tell their age are made anew. False when there is no such one.
 */
export async function sharePublication(services: SharingServices, run: TaskRun, work: Wanted): Promise<boolean> {
  const { wanted, sharing } = work
  const same = configKey(wanted.config, sharing)
  const live = await services.publications.live(wanted.distributorKey)
  for (const model of await services.publications.alike(wanted)) {
    if (configKey(model.config, sharing) !== same) continue
    const redated = live === undefined || model.dated >= live.dated ? [] : Object.keys(sharing.dated ?? {})
    if (await share(services, run, work, model, redated)) return true
  }
  return false
}

/** Of what acts on generated files. */
function configKey(config: JsonObject, { placeKeys }: FileSharing): string {
  return canonicalJson(Object.fromEntries(Object.entries(config).filter(([key]) => !placeKeys.includes(key))))
}

async function share(
  services: SharingServices,
  run: TaskRun,
  work: Wanted,
  model: Publication,
  redated: readonly string[],
): Promise<boolean> {
  const dated = redated.length > 0 ? work.created : model.dated
  const draft = await services.publications.begin({ ...work.wanted, dated }, run.fence)
  const left = await draft.share(model.id, redated)
  if (left !== undefined) {
    for (const file of left) await redate(services, draft, work, file, run.signal)
    await draft.activate()
  } else await draft.abandon()
  return left !== undefined
}

async function redate(
  services: SharingServices,
  draft: PublicationDraft,
  { sharing, created }: Wanted,
  { path, mediaType, rope }: NewGeneratedFile,
  signal: AbortSignal,
): Promise<void> {
  const bytes = await readAll(services.blobs, rope)
  const body = once(sharing.dated?.[path]?.(bytes, created) ?? bytes)
  await storeFile(services, draft, { path, mediaType, body }, signal)
}

/** These files are small: they say what others there are. */
async function readAll(blobs: BlobStore, rope: Rope): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for (const { sha256, offset, length } of rope) {
    const range = { start: offset, end: offset + length - 1 }
    for await (const chunk of await blobs.read(sha256, range)) chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
