import type { GeneratedFile } from '../../../core/distributor.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { StoredUnitFile } from '../../../core/repository-version.ts'
import type { SegmentedFiles } from '../../../core/segment.ts'
import { deltaType } from '../delta/delta-unit.ts'
import { upstreamMetadataType } from '../exact/upstream-metadata-unit.ts'
import { rpmLayouts } from '../published-layouts.ts'
import { rpmType, srpmType } from '../rpm-types.ts'
import { isTreeInfo } from '../trees/published-tree.ts'
import { yumDistributor } from '../yum-distributor.ts'
import type { ExportPlan, ExportRun } from './export-plan.ts'
import { unitDocuments } from './unit-documents.ts'

export interface ExportedFile {
  readonly path: string
  readonly file: StoredUnitFile
}

const packageTypes = [rpmType.id, srpmType.id, deltaType.id]
/** The metadata is made anew, so upstream's own has no place in it. */
const wholeTypes = yumDistributor.contentTypes.filter((type) => type !== upstreamMetadataType.id)

/** How many units are exported: of a span of time, at most. */
export function countExported({ version }: ExportRun, plan: ExportPlan): number {
  return exportedTypes(plan).reduce((sum, type) => sum + (version.counts[type] ?? 0), 0)
}

/** The files of each unit, which may be none, where a yum repository has them; but for what is made with the metadata. */
export async function* exportedFiles(run: ExportRun, plan: ExportPlan): AsyncGenerator<readonly ExportedFile[]> {
  const layout = rpmLayouts[yumDistributor.layout(yumConfig(plan))]
  const associated = plan.span === undefined ? {} : { associated: plan.span }
  for await (const { unit, files } of run.units({ types: exportedTypes(plan), files: true, ...associated })) {
    run.signal.throwIfAborted()
    const published = files.filter(({ path }) => !isTreeInfo(unit.type, path))
    yield published.map((file) => ({ path: layout?.place(file.path) ?? file.path, file }))
  }
}

/** The metadata of a yum repository; or, of a span of time, a document for each package and advisory (pulp2-types §6). */
export function exportedMetadata(run: ExportRun, plan: ExportPlan): AsyncIterable<GeneratedFile | SegmentedFiles> {
  if (plan.span !== undefined) return unitDocuments(run, plan.skip, plan.span)
  const nothingBefore = { scratchpad: {}, keep: () => undefined, previous: async () => undefined }
  return yumDistributor.publish({ ...run, ...nothingBefore, config: yumConfig(plan) })
}

/** Of which types units are exported. */
export function exportedTypes({ skip, span }: ExportPlan): readonly string[] {
  return (span === undefined ? wholeTypes : packageTypes).filter((type) => !skip.includes(type))
}

function yumConfig({ skip, databases, signed }: ExportPlan) {
  const place = { relative_url: null, http: true, https: true }
  const config: JsonObject = { ...place, skip, generate_sqlite: databases, gpg_sign_metadata: signed }
  return yumDistributor.config.parse(config)
}
