import { type Kysely, sql } from 'kysely'
import { accessTables } from './parts/access.ts'
import { applicabilityTables } from './parts/applicability.ts'
import { consumerTables } from './parts/consumers.ts'
import { contentCatalogTables } from './parts/content-catalog.ts'
import { eventTables } from './parts/events.ts'
import { publicationTables } from './parts/publications.ts'
import { repositoryTables } from './parts/repositories.ts'
import { repositoryGroupTables } from './parts/repository-groups.ts'
import { rolloutTables } from './parts/rollouts.ts'
import { scheduleTables } from './parts/schedules.ts'
import { taskTables } from './parts/tasks.ts'
import { unitTables } from './parts/units.ts'
import { uploadTables } from './parts/uploads.ts'

/** The model (DESIGN §4, design-notes §1.3), part by part in the order of their references. */
const statements = [
  ...unitTables,
  ...repositoryTables,
  ...consumerTables,
  ...repositoryGroupTables,
  ...scheduleTables,
  ...publicationTables,
  ...taskTables,
  ...accessTables,
  ...rolloutTables,
  ...eventTables,
  ...contentCatalogTables,
  ...uploadTables,
  ...applicabilityTables,
]

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database)
}
