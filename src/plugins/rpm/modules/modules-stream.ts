import type { SyncEvent } from '../../../core/importer.ts'
import type { Problem } from '../../../core/sync-progress.ts'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { yamlDocuments } from '../../../formats/yaml-documents.ts'
import type { ListedContent, YumSyncRun } from '../listed-content.ts'
import type { MetadataDocument } from '../metadata/metadata-document.ts'
import { metadataNotParsed } from '../metadata-errors.ts'
import { UnitBatch } from '../unit-batch.ts'
import { moduleExtraType, modulemdType, moduleTypes } from './module-types.ts'
import { toModuleUnit } from './module-unit.ts'

type Run = Pick<YumSyncRun, 'config' | 'expect' | 'signal'>

/** modules.yaml. */
export const listedModules: ListedContent = {
  contentTypes: moduleTypes.map(({ id }) => id),
  part: 'modules',
  reads: (type) => type === 'modules',
  async *events(run, documents) {
    for (const document of documents.values()) yield* moduleEvents(run, document)
  },
}

/** The documents of a modules.yaml as units. Throws RPM1006 when it cannot be read at all. */
async function* moduleEvents(run: Run, modules: MetadataDocument): AsyncGenerator<SyncEvent> {
  const found = new FoundModules(run.config.skip)
  const batch = new UnitBatch()
  for await (const document of documentsOf(modules)) {
    run.signal.throwIfAborted()
    const unit = found.take(document)
    if (unit === undefined) continue
    if ('reason' in unit) yield { problem: unit }
    else batch.add(unit)
    if (batch.full) yield { units: batch.take() }
  }
  yield { units: batch.take() }
  for (const [type, count] of found.counts) run.expect(type, count)
}

async function* documentsOf(modules: MetadataDocument): AsyncGenerator<Buffer> {
  try {
    yield* yamlDocuments(modules.open())
  } catch (error) {
    throw error instanceof FormatError ? metadataNotParsed(`${modules.href}: ${error.message}`, error) : error
  }
}

/** Keeps count, and which keys there were: of several documents of a key the first is taken. */
class FoundModules {
  readonly counts = new Map<string, number>()
  readonly #checksums = new Map<string, unknown>()
  readonly #skip: readonly string[]

  /** Who wants no modules wants none of what is said about them. */
  constructor(skip: readonly string[]) {
    this.#skip = skip.includes(modulemdType.id) ? [...skip, moduleExtraType.id] : skip
  }

  /** Undefined for a document that is not wanted or was there before. */
  take(document: Buffer): DiscoveredUnit | Problem | undefined {
    const unit = readModule(document)
    if (unit === undefined || 'reason' in unit) return unit
    if (this.#skip.includes(unit.type)) return undefined
    const label = JSON.stringify([unit.type, unit.key])
    const { checksum } = unit.metadata
    if (this.#checksums.has(label)) return this.#checksums.get(label) === checksum ? undefined : repeated(unit)
    this.#checksums.set(label, checksum)
    this.counts.set(unit.type, (this.counts.get(unit.type) ?? 0) + 1)
    return unit
  }
}

function readModule(document: Buffer): DiscoveredUnit | Problem | undefined {
  try {
    return toModuleUnit(document)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    const start = document.toString('utf8', 0, 120).replace(/\s+/g, ' ').toWellFormed().replaceAll('\0', '')
    return problem({}, 'a document of modules', `${error.message}: ${start}`)
  }
}

function repeated({ key }: DiscoveredUnit): Problem {
  return problem({}, Object.values(key).join(':'), 'modules has another document of this key, which is taken')
}

function problem(key: Problem['key'], name: string, reason: string): Problem {
  return { stage: 'metadata', type: modulemdType.id, key, name, reason, code: 'malformed' }
}
