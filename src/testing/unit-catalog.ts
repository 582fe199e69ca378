import type { ContentType } from '../core/content-type.ts'
import type { DiscoveredUnit } from '../core/unit.ts'
import type { OpenDatabase } from '../database/connection.ts'
import { PostgresRepositoryStore } from '../database/repository-store.ts'
import { PostgresBlobCatalog } from '../database/space/postgres-blob-catalog.ts'
import { registerContentTypes } from '../database/units/content-type-ids.ts'
import { PostgresUnitReader } from '../database/units/postgres-unit-reader.ts'
import { PostgresVersionStore } from '../database/versions/version-store.ts'
import { asIfFetched, thingType } from './catalog.ts'
import { runningTask } from './fences.ts'

/** A type without files and documents, whose metadata may be anything. */
export const noteType: ContentType = {
  ...thingType,
  id: 'note',
  keyFields: ['name'],
  hasFiles: false,
  documents: [],
}

export function aNote(name: string, more: DiscoveredUnit['metadata'] = {}): DiscoveredUnit {
  return { type: 'note', key: { name }, metadata: { ...more, name }, files: [] }
}

/** Units and repositories in a database, with a reader over them. */
export async function openUnitCatalog({ database, pool }: OpenDatabase) {
  const types = await registerContentTypes(database, [thingType, noteType])
  const repositories = new PostgresRepositoryStore(database)
  const versions = new PostgresVersionStore(database, pool, types)
  return {
    database,
    types,
    repositories,
    reader: new PostgresUnitReader(database, types),

    /** The next version of a repository, made when it is not there: exactly these units, their files fetched or not. */
    async hold(repository: string, units: readonly DiscoveredUnit[], fetched = true): Promise<void> {
      const known = await repositories.list()
      if (!known.some(({ id }) => id === repository)) {
        await repositories.create({ id: repository, displayName: null, description: null, notes: {} }, undefined, [])
      }
      const draft = await versions.open(repository, await runningTask(database))
      const examined = (await draft.examine(units)).map(asIfFetched)
      const ready = fetched ? examined : examined.map((unit) => ({ ...unit, fetched: new Map() }))
      await new PostgresBlobCatalog(database).reserve(ready.flatMap((unit) => [...unit.fetched.values()]))
      await draft.add(ready)
      await draft.removeMissing([thingType.id, noteType.id])
      await draft.commit()
    },
  }
}
