import { digestAlgorithms } from '../../../core/digest.ts'
import type { SyncEvent } from '../../../core/importer.ts'
import type { Problem } from '../../../core/sync-progress.ts'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { xmlChildren } from '../../../formats/xml-children.ts'
import type { ListedContent, YumSyncRun } from '../listed-content.ts'
import type { MetadataDocument } from '../metadata/metadata-document.ts'
import { metadataNotParsed } from '../metadata-errors.ts'
import { inspecting } from '../package/signature-policy.ts'
import { packageFileName, packageUrl } from '../package-location.ts'
import { digestOf, hasSoundValue } from '../package-unit.ts'
import { UnitBatch } from '../unit-batch.ts'
import { deltaPath, deltaType, toDeltaUnit } from './delta-unit.ts'
import { type ListedDelta, readNewPackage } from './read-prestodelta.ts'

/** prestodelta.xml; or deltainfo.xml, as SUSE calls the same, where there is no other. */
export const listedDeltas: ListedContent = {
  contentTypes: [deltaType.id],
  reads: (type, listed) => type === 'prestodelta' || (type === 'deltainfo' && !listed.has('prestodelta')),
  async *events(run, documents, repository) {
    for (const document of documents.values()) yield* deltaEvents(run, document, repository)
  },
}

/** Throws RPM1006 when it cannot be read. Of several deltas of one file name the first is taken. */
async function* deltaEvents(
  run: Pick<YumSyncRun, 'config' | 'expect' | 'signal'>,
  prestodelta: MetadataDocument,
  repository: URL,
): AsyncGenerator<SyncEvent> {
  const batch = new UnitBatch()
  const paths = new Set<string>()
  for await (const delta of deltasOf(prestodelta)) {
    run.signal.throwIfAborted()
    const unit = delta === undefined ? problem('a delta of prestodelta', lacking) : toUnit(delta, repository)
    if ('reason' in unit) yield { problem: unit }
    else if (!paths.has(pathOf(unit))) {
      paths.add(pathOf(unit))
      batch.add(inspecting(unit, run.config.signatures))
    }
    if (batch.full) yield { units: batch.take() }
  }
  yield { units: batch.take() }
  run.expect(deltaType.id, paths.size)
}

const lacking = 'it lacks a name, version, arch, sequence, file name or checksum, or one is too long'

function pathOf({ files }: DiscoveredUnit): string {
  return files[0]?.path ?? ''
}

async function* deltasOf(prestodelta: MetadataDocument): AsyncGenerator<ListedDelta | undefined> {
  try {
    for await (const element of xmlChildren(prestodelta.open(), prestodelta.record.type))
      if (element.name === 'newpackage') yield* readNewPackage(element)
  } catch (error) {
    throw error instanceof FormatError ? metadataNotParsed(`${prestodelta.href}: ${error.message}`, error) : error
  }
}

function toUnit(delta: ListedDelta, repository: URL): DiscoveredUnit | Problem {
  const digest = digestOf(delta)
  if (digest === undefined) return unknownChecksum(delta)
  const [name, url] = [packageFileName(delta.href), packageUrl(delta.href, undefined, repository)]
  if (name === undefined || url === undefined) return problem(delta.href, 'its location cannot be used')
  if (!hasSoundValue(digest)) return problem(name, `its ${digest.algorithm} is not one`)
  const { size } = delta
  return toDeltaUnit(delta, digest, { path: deltaPath(name), urls: [url], ...(size !== undefined && { size }) })
}

function unknownChecksum({ href, checksumType }: ListedDelta): Problem {
  const type = checksumType.slice(0, 40)
  const data = { checksum_type: type, accepted_checksum_types: [...digestAlgorithms] }
  return { ...problem(href, `its checksum type ${type} is not known`), code: 'checksum_type_unknown', data }
}

function problem(name: string, reason: string): Problem {
  return { stage: 'metadata', type: deltaType.id, key: {}, name: name.slice(0, 255), reason, code: 'malformed' }
}
