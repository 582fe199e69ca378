import type { JsonObject } from '../../core/json.ts'
import type { FetchCounts, PartState, Problem, SyncDescription, SyncProgress } from '../../core/sync-progress.ts'

const tree = 'distribution'

/** In the order in which clients print them; all of them are there from the first report on, since clients index them unchecked. */
const parts = ['metadata', 'content', 'distribution', 'errata', 'modules', 'comps', 'purge_duplicates'] as const
type Part = (typeof parts)[number]

const states: Readonly<Record<PartState, string>> = {
  'not-started': 'NOT_STARTED',
  'in-progress': 'IN_PROGRESS',
  finished: 'FINISHED',
  failed: 'FAILED',
  skipped: 'SKIPPED',
  cancelled: 'CANCELLED',
}

/** The report of a yum sync; also the history's details, and in short its summary (pulp2-types §5.4). */
export function describeYumSync(progress: SyncProgress): SyncDescription {
  const report = Object.fromEntries(
    parts.map((part) => [part, { ...stateOf(progress, part), ...countsOf(progress, part) }]),
  )
  const summary = Object.fromEntries(parts.map((part) => [part, { state: states[partState(progress, part)] }]))
  return { report, summary, details: report }
}

function stateOf(progress: SyncProgress, part: Part): JsonObject {
  const state = partState(progress, part)
  const error = progress.parts[part]?.error ?? progress.error
  return { state: states[state], ...(state === 'failed' && error !== undefined && { error }) }
}

/** A tree that could not be read or fetched fails its part, and the sync goes on (pulp2-types §5.4). */
function partState(progress: SyncProgress, part: Part): PartState {
  if (part === tree && progress.problems.some(isOfTree)) return 'failed'
  return progress.parts[part]?.state ?? 'not-started'
}

function countsOf(progress: SyncProgress, part: Part): JsonObject {
  if (part === 'content') return contentCounts(progress)
  return part === tree ? treeCounts(progress) : {}
}

function treeCounts({ fetches, problems }: SyncProgress): JsonObject {
  const { files } = fetches?.[tree] ?? nothing
  const failures = problems.filter(isOfTree).map(({ url, name, reason }) => [url ?? name, reason])
  return { items_total: files.total, items_left: files.total - files.done, error_details: failures }
}

function isOfTree({ type }: Problem): boolean {
  return type === tree
}

const nothing: FetchCounts = { files: { total: 0, done: 0, failed: 0 }, bytes: { total: 0, done: 0 } }

/** Items are files that this run has to fetch, but for those of a tree; details counts all packages. */
function contentCounts({ files, bytes, fetches, units, problems }: SyncProgress): JsonObject {
  const ofTree = fetches?.[tree] ?? nothing
  const [rpm, srpm] = [units['rpm'], units['srpm']]
  return {
    items_total: files.total - ofTree.files.total,
    items_left: files.total - files.done - (ofTree.files.total - ofTree.files.done),
    size_total: bytes.total - ofTree.bytes.total,
    size_left: bytes.total - bytes.done - (ofTree.bytes.total - ofTree.bytes.done),
    error_details: problems.filter((problem) => !isOfTree(problem)).map(errorDetail),
    details: {
      rpm_total: (rpm?.total ?? 0) + (srpm?.total ?? 0),
      rpm_done: (rpm?.done ?? 0) + (srpm?.done ?? 0),
      drpm_total: units['drpm']?.total ?? 0,
      drpm_done: units['drpm']?.done ?? 0,
    },
  }
}

function errorDetail({ code, key, name, data, url, reason }: Problem): JsonObject {
  if (code === 'size_mismatch') return { unit_key: key, error_code: code, ...data }
  if (code === 'checksum_mismatch' || code === 'checksum_type_unknown') return { name, error_code: code, ...data }
  return { name, error_code: code, error_message: reason, ...data, ...(url !== undefined && { url }) }
}
