import { DeckleError } from '../../../core/errors.ts'
import { isOwned, keyOf } from '../../../core/owned-unit.ts'
import { describedTypes } from '../described-types.ts'
import type { YumPublishRun } from '../published-content.ts'
import { type Census, CensusTaker } from './census.ts'
import { censusIn, upstreamMetadataType } from './upstream-metadata-unit.ts'

/**
 * That a version holds just what the metadata of its upstream describes, unit by unit, and that this metadata is there. Throws kind
 * `conflict` with the reason.
 */
export async function requireExact(run: YumPublishRun): Promise<void> {
  const upstream = await upstreamCensus(run)
  if (upstream === undefined) {
    throw refused(
      run,
      'it holds no metadata of an upstream; set metadata: exact on its importer too, and sync it (a sync that leaves it out says why)',
    )
  }
  if (upstream.unserved > 0) {
    const packages = `${upstream.unserved} of the packages that upstream lists`
    throw refused(run, `${packages} cannot be read, are listed twice, or do not lie below upstream's repository`)
  }
  const held = await takeCensus(run)
  if (held.content !== upstream.content) throw refused(run, `${differences(held, upstream)}. ${causes}`)
}

const causes =
  'Units were copied, uploaded or removed, kept although upstream has them no more (set remove_missing), or could not be fetched: ' +
  'sync it from upstream, or publish it without metadata: exact'

async function upstreamCensus(run: YumPublishRun): Promise<Census | undefined> {
  for await (const { unit } of run.units({ types: [upstreamMetadataType.id] })) return censusIn(unit.metadata)
  return undefined
}

async function takeCensus(run: YumPublishRun): Promise<Census> {
  const taker = new CensusTaker()
  const owned = describedTypes.filter(isOwned)
  const shared = describedTypes.filter((type) => !isOwned(type))
  for await (const { unit } of run.units({ types: shared.map(({ id }) => id), fields: [] }))
    taker.addId(unit.type, unit.wireId)
  const byId = new Map(owned.map((type) => [type.id, type]))
  for await (const { unit } of run.units({ types: [...byId.keys()] })) {
    const type = byId.get(unit.type)
    if (type !== undefined) taker.add(unit.type, keyOf(type, unit.metadata))
  }
  return taker.result()
}

function differences(held: Census, upstream: Census): string {
  const types = new Set([...Object.keys(held.counts), ...Object.keys(upstream.counts)])
  const parts = [...types].flatMap((type) => {
    const [now, then] = [held.counts[type] ?? 0, upstream.counts[type] ?? 0]
    return now === then ? [] : [`${now} ${type} where upstream has ${then}`]
  })
  return `it does not hold what upstream has: ${parts.length === 0 ? 'other units' : parts.join(', ')}`
}

function refused({ repository }: YumPublishRun, reason: string): DeckleError {
  return new DeckleError(
    'conflict',
    `the repository ${repository.id} cannot be published with metadata: exact: ${reason}`,
  )
}
