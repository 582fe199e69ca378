import type { ContentType } from '../../../core/content-type.ts'
import type { GeneratedFile } from '../../../core/distributor.ts'
import { inOnePiece } from '../../../core/in-one-piece.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { UnitWithDocuments } from '../../../core/repository-version.ts'
import { deltaType } from '../delta/delta-unit.ts'
import { erratumType } from '../errata/erratum-unit.ts'
import { rpmType, srpmType } from '../rpm-types.ts'
import type { ExportRun } from './export-plan.ts'
import type { TimeSpan } from './time-span.ts'

const types: readonly ContentType[] = [rpmType, srpmType, deltaType, erratumType]
/** Large, and made of the package again when it is uploaded. */
const leftOut = 'repodata'

/** `{"unit_key": …, "unit_metadata": …}` for each package and advisory that came in a span of time (pulp2-types §6). */
export async function* unitDocuments(
  run: ExportRun,
  skip: readonly string[],
  associated: TimeSpan,
): AsyncGenerator<GeneratedFile> {
  for (const type of types.filter(({ id }) => !skip.includes(id))) {
    for await (const unit of run.units({ types: [type.id], documents: type.documents, associated })) {
      run.signal.throwIfAborted()
      const text = JSON.stringify(documentOf(type, unit))
      yield { path: `${nameOf(type, unit.unit.metadata)}.json`, mediaType: 'application/json', body: inOnePiece(text) }
    }
  }
}

function documentOf(type: ContentType, { unit, documents }: UnitWithDocuments): object {
  const key = Object.fromEntries(type.keyFields.map((field) => [field, unit.metadata[field]]))
  const derived = Object.entries(type.derivedFields ?? {}).filter(([name]) => name !== leftOut)
  const further = derived.map(([name, derive]) => [name, derive(documents, unit.metadata)])
  return { unit_key: key, unit_metadata: { ...unit.metadata, ...Object.fromEntries(further) } }
}

function nameOf(type: ContentType, { id, name, version, release, arch, filename }: JsonObject): string {
  const build = type.id === deltaType.id ? filename : `${name}-${version}-${release}.${arch}`
  return String(type.id === erratumType.id ? id : build).replace(/[/%]/g, encodeURIComponent)
}
