import type { BlobCatalog } from '../../core/blob-catalog.ts'
import type { BlobStore } from '../../core/blob-store.ts'
import type { FileSharing, SignedFile } from '../../core/distributor.ts'
import { inOnePiece } from '../../core/in-one-piece.ts'
import { canonicalJson, type JsonObject } from '../../core/json.ts'
import type { MetadataSigner } from '../../core/metadata-signer.ts'
import type { NewGeneratedFile, NewPublication, Publication, PublicationStore } from '../../core/publication.ts'
import type { Rope } from '../../core/rope.ts'
import type { TaskRun } from '../../core/task.ts'
import { storeFile } from '../make-publication.ts'

export interface SharingServices {
  readonly publications: PublicationStore
  readonly blobs: BlobStore
  readonly blobCatalog: BlobCatalog
  readonly signer: MetadataSigner
}

interface Wanted {
  readonly wanted: NewPublication
  readonly sharing: FileSharing
  /** What the distributor shows now. */
  readonly live: Pick<Publication, 'dated'> | undefined
  /** When the version was made. */
  readonly created: Date
}

/**
 * Makes a publication live whose generated files are those of one that shows the same content by an equal config. No bytes are
 * copied; where clients have seen younger files, those few that tell their age are made anew, and signed anew. False when there is no such one.
 */
export async function sharePublication(services: SharingServices, run: TaskRun, work: Wanted): Promise<boolean> {
  const { wanted, sharing, live } = work
  const same = configKey(wanted.config, sharing)
  for (const model of await services.publications.alike(wanted)) {
    if (configKey(model.config, sharing) !== same) continue
    const isOlder = live !== undefined && model.dated < live.dated
    if (await share(services, run, work, model, isOlder ? agePaths(sharing) : [])) return true
  }
  return false
}

/** Of files that tell their age, and of those that vouch for them. */
function agePaths({ dated, signed }: FileSharing): readonly string[] {
  return [...Object.keys(dated ?? {}), ...Object.keys(signed ?? {})]
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
  const { publications } = services
  const made = redated.length === 0 ? [] : await redateAll(services, work, model, redated, run.signal)
  const dated = redated.length === 0 ? model.dated : work.created
  return publications.showShared({ ...work.wanted, dated }, model.id, made, run.fence)
}

async function redateAll(
  services: SharingServices,
  { sharing, created }: Wanted,
  model: Publication,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly NewGeneratedFile[]> {
  const files = await services.publications.files(model.id, paths)
  const redated = new Map<string, Uint8Array>()
  for (const { path, rope } of files) {
    const redate = sharing.dated?.[path]
    if (redate !== undefined) redated.set(path, redate(await readAll(services.blobs, rope), created))
  }
  const made: NewGeneratedFile[] = []
  for (const { path, mediaType } of files) {
    const bytes = redated.get(path) ?? (await signAnew(services.signer, sharing.signed?.[path], redated))
    made.push(await storeFile(services, { path, mediaType, body: inOnePiece(bytes) }, signal))
  }
  return made
}

async function signAnew(
  signer: MetadataSigner,
  file: SignedFile | undefined,
  redated: ReadonlyMap<string, Uint8Array>,
): Promise<Uint8Array> {
  const dated = redated.get(file?.of ?? '')
  if (file === undefined || dated === undefined) throw new Error('a publication has a signature of nothing')
  return Buffer.from(await file.make(signer, dated))
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
