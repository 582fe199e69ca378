import type { SyncEvent } from '../../../core/importer.ts'
import type { Problem } from '../../../core/sync-progress.ts'
import { FormatError } from '../../../formats/format-error.ts'
import type { ListedContent, YumSyncRun } from '../listed-content.ts'
import type { MetadataDocument } from '../metadata/metadata-document.ts'
import { metadataNotParsed } from '../metadata-errors.ts'
import { UnitBatch } from '../unit-batch.ts'
import { type CompsListing, compsUnits, listComps, type OversizedElement } from './comps-document.ts'
import { compsTypes } from './comps-types.ts'
import type { HeldPositions } from './positions.ts'

/**
 * What repomd.xml calls comps.xml: the same file, compressed in several ways. One of them is read, the first that is there; dnf
 * knows the first two, and takes them in this order.
 */
const compsFiles: readonly string[] = ['group_gz', 'group', 'group_xz', 'group_zst', 'group_bz2']

type Run = Pick<YumSyncRun, 'config' | 'held' | 'expect' | 'signal'>

/** comps.xml. */
export const listedComps: ListedContent = {
  contentTypes: compsTypes.map(({ id }) => id),
  part: 'comps',
  reads: (type, listed) => type === compsFiles.find((file) => listed.has(file)),
  async *events(run, documents) {
    for (const document of documents.values()) yield* compsEvents(run, document)
  },
}

/**
 * The groups, categories, environments and language packs of a comps.xml as units. It is read twice: what counts of an id that is there
 * twice is the last, and where a unit stands is told by all that are there. Throws RPM1006 when it cannot be read.
 */
async function* compsEvents(run: Run, comps: MetadataDocument): AsyncGenerator<SyncEvent> {
  try {
    const listing = await listComps(comps.open(), (type) => !run.config.skip.includes(type))
    for (const type of listing.nameless) yield { problem: withoutId(type) }
    for (const [type, names] of listing.names) run.expect(type, names.size)
    yield* units(run, comps, listing)
  } catch (error) {
    throw error instanceof FormatError ? metadataNotParsed(`${comps.href}: ${error.message}`, error) : error
  }
}

async function* units(run: Run, comps: MetadataDocument, listing: CompsListing): AsyncGenerator<SyncEvent> {
  const held = new Map<string, HeldPositions>()
  for (const type of listing.names.keys()) held.set(type, await heldPositions(run, type))
  const batch = new UnitBatch()
  for await (const unit of compsUnits(comps.open(), listing, (type) => held.get(type) ?? new Map())) {
    run.signal.throwIfAborted()
    if ('name' in unit) yield { problem: tooLarge(unit) }
    else batch.add(unit)
    if (batch.full) yield { units: batch.take() }
  }
  yield { units: batch.take() }
}

async function heldPositions(run: Run, type: string): Promise<HeldPositions> {
  const positions = new Map<string, string>()
  for await (const { metadata } of run.held(type)) {
    const { id, position } = metadata
    if (typeof id === 'string' && typeof position === 'string') positions.set(id, position)
  }
  return positions
}

function withoutId(type: string): Problem {
  return {
    stage: 'metadata',
    type,
    key: {},
    name: `a ${type} of comps`,
    reason: 'it has no usable id',
    code: 'malformed',
  }
}

function tooLarge({ type, name }: OversizedElement): Problem {
  const key = name === '' ? {} : { id: name }
  return { stage: 'metadata', type, key, name: name || type, reason: 'its element is too large', code: 'malformed' }
}
