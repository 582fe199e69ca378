import type { Repository } from '../../core/repository.ts'
import type { PulpRepository } from '../../wire/pulp/repository.ts'
import { toPulpDate } from './dates.ts'
import { hrefs } from './hrefs.ts'
import { objectId } from './object-id.ts'

/** pulp2-api §5.1, without what is attached. */
export function toPulpRepository(repository: Repository): PulpRepository {
  return {
    _id: { $oid: objectId('repository', repository.created, repository.key) },
    _ns: 'repos',
    _href: hrefs.repository(repository.id),
    id: repository.id,
    display_name: repository.displayName,
    description: repository.description,
    notes: repository.notes,
    scratchpad: repository.scratchpad,
    content_unit_counts: repository.counts,
    last_unit_added: toPulpDate(repository.lastUnitAdded),
    last_unit_removed: toPulpDate(repository.lastUnitRemoved),
    ...(repository.retainVersions !== null && { retain_versions: repository.retainVersions }),
  }
}
