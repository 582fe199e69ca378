import type { SyncEvent, SyncRun } from '../../../core/importer.ts'
import type { Problem } from '../../../core/sync-progress.ts'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { xmlChildren } from '../../../formats/xml-children.ts'
import type { ListedContent } from '../listed-content.ts'
import type { MetadataDocument } from '../metadata/metadata-document.ts'
import { metadataNotParsed } from '../metadata-errors.ts'
import { type Advisory, syncedInto } from './advisory.ts'
import { AdvisorySpool } from './advisory-spool.ts'
import { erratumType, toAdvisory, toErratumUnit } from './erratum-unit.ts'
import { joinAdvisories, mergeSynced } from './merge-advisories.ts'
import { readAdvisory } from './read-advisory.ts'

const updateinfo = 'updateinfo'
const batchUnits = 64

type Run = Pick<SyncRun<unknown>, 'repository' | 'scratch' | 'held' | 'expect' | 'signal'>

/** updateinfo.xml. */
export const listedErrata: ListedContent = {
  contentTypes: [erratumType.id],
  part: 'errata',
  reads: (type) => type === updateinfo,
  async *events(run, documents) {
    for (const document of documents.values()) yield* errataEvents(run, document)
  },
}

/**
 * The advisories of an updateinfo.xml as units, merged with those that the repository holds from elsewhere. All of it is read before
 * the first unit comes: an id may be there twice. Throws RPM1006 when it cannot be read.
 */
export async function* errataEvents(run: Run, updateinfo: MetadataDocument): AsyncGenerator<SyncEvent> {
  const origin = syncedInto(run.repository.id)
  const spool = new AdvisorySpool(() => run.scratch())
  for await (const { metadata, documents } of run.held(erratumType.id)) {
    const advisory = toAdvisory(metadata, documents)
    if (advisory.pkglist.some((collection) => collection.origin !== origin)) await spool.hold(advisory)
  }
  for await (const advisory of advisories(updateinfo, origin)) {
    run.signal.throwIfAborted()
    if (advisory === undefined) yield { problem: withoutId() }
    else await spool.add(advisory)
  }
  run.expect(erratumType.id, spool.size)
  yield* batches(units(spool, origin))
}

async function* advisories(updateinfo: MetadataDocument, origin: string): AsyncGenerator<Advisory | undefined> {
  try {
    for await (const element of xmlChildren(updateinfo.open(), 'updates'))
      if (element.name === 'update') yield readAdvisory(element, origin)
  } catch (error) {
    throw error instanceof FormatError ? metadataNotParsed(`${updateinfo.href}: ${error.message}`, error) : error
  }
}

async function* units(spool: AdvisorySpool, origin: string): AsyncGenerator<DiscoveredUnit> {
  for await (const { held, incoming } of spool.all()) {
    const joined = incoming.reduce(joinAdvisories)
    yield toErratumUnit(held === undefined ? joined : mergeSynced(held, joined, origin))
  }
}

async function* batches(units: AsyncIterable<DiscoveredUnit>): AsyncGenerator<SyncEvent> {
  let batch: DiscoveredUnit[] = []
  for await (const unit of units) {
    batch.push(unit)
    if (batch.length < batchUnits) continue
    yield { units: batch }
    batch = []
  }
  yield { units: batch }
}

function withoutId(): Problem {
  const name = 'an advisory of updateinfo'
  return { stage: 'metadata', type: erratumType.id, key: {}, name, reason: 'it has no usable id', code: 'malformed' }
}
