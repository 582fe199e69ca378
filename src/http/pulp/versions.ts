import type { ContentType } from '../../core/content-type.ts'
import { notFound } from '../../core/errors.ts'
import type { DescribedVersion, UnitChange } from '../../core/version-history.ts'
import type { PulpRepositoryVersion, PulpUnitChange } from '../../wire/pulp/repository-version.ts'
import { ok, okStream, type Route } from '../kit/route.ts'
import { toPulpDate } from './dates.ts'
import { hrefs, root } from './hrefs.ts'
import type { PulpServices } from './services.ts'

type Services = Pick<PulpServices, 'versions' | 'plugins'>

/** `/repositories/<id>/versions/`: the past of a repository; all of it an extension. */
export function versionRoutes({ versions, plugins }: Services): readonly Route[] {
  const collection = `${root}repositories/:repository/versions/`
  const shared = { method: 'GET', permission: 'read', body: 'none', extension: true } as const
  return [
    {
      ...shared,
      path: collection,
      answers: { 200: 'PulpRepositoryVersion[]' },
      doc: 'Lists the versions of a repository that are kept, newest first, with what was published of each.',
      handler: async (call) => {
        const id = call.param('repository')
        return okStream((await versions.list(id)).values().map((version) => toPulpVersion(id, version)))
      },
    },
    {
      ...shared,
      path: `${collection}:version/`,
      answers: { 200: 'PulpRepositoryVersion' },
      doc: 'Shows a version of a repository; version 0 is the empty one that it began with.',
      handler: async (call) => {
        const id = call.param('repository')
        return ok(toPulpVersion(id, await versions.get(id, versionNumber(call.param('version')))))
      },
    },
    {
      ...shared,
      path: `${collection}:version/diff/:other/`,
      answers: { 200: 'PulpUnitChange[]' },
      doc: 'Lists what was added to the first version, removed from it and changed in it to make the second.',
      handler: async (call) => {
        const [from, to] = [versionNumber(call.param('version')), versionNumber(call.param('other'))]
        return okStream(printChanges(plugins.contentTypes, versions.changes(call.param('repository'), from, to)))
      },
    },
  ]
}

/** More than a repository can have. */
const mostVersions = 2 ** 31 - 1

/** Of a segment of a path. Throws kind `not-found` for what cannot be a number of a version. */
function versionNumber(text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) <= mostVersions) return Number(text)
  throw notFound({ version: text })
}

function toPulpVersion(repositoryId: string, version: DescribedVersion): PulpRepositoryVersion {
  return {
    _href: hrefs.version(repositoryId, version.number),
    repo_id: repositoryId,
    version: version.number,
    created: toPulpDate(version.created),
    latest: version.latest,
    pruned: version.pruned,
    content_unit_counts: { ...version.counts },
    file_bytes: version.fileBytes,
    publications: version.publications.map(({ distributorId, basePath, liveFrom, supersededAt }) => ({
      distributor_id: distributorId,
      path: basePath,
      live_from: liveFrom.toISOString(),
      superseded_at: supersededAt?.toISOString() ?? null,
    })),
  }
}

async function* printChanges(
  types: readonly ContentType[],
  changes: AsyncIterable<UnitChange>,
): AsyncGenerator<PulpUnitChange> {
  const keys = new Map(types.map(({ id, keyFields }) => [id, keyFields]))
  for await (const { kind, type, wireId, metadata } of changes) {
    const key = (keys.get(type) ?? []).map((field) => [field, metadata[field] ?? null] as const)
    yield { change: kind, type_id: type, unit_id: wireId, unit_key: Object.fromEntries(key) }
  }
}
