import type { AccessTables } from './tables/access-tables.ts'
import type { ConsumerTables } from './tables/consumer-tables.ts'
import type { ContentSourceTables } from './tables/content-source-tables.ts'
import type { PublicationTables } from './tables/publication-tables.ts'
import type { RepositoryTables } from './tables/repository-tables.ts'
import type { RolloutTables } from './tables/rollout-tables.ts'
import type { TaskTables } from './tables/task-tables.ts'
import type { UnitTables } from './tables/unit-tables.ts'

/** Tables as kysely sees them; made by `migrations/`. */
export interface Schema
  extends UnitTables,
    RepositoryTables,
    ContentSourceTables,
    ConsumerTables,
    PublicationTables,
    TaskTables,
    AccessTables,
    RolloutTables {}

/** The text of a JSON column. */
export function jsonb(value: unknown): string {
  return JSON.stringify(value)
}
