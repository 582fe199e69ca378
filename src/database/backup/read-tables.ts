import type { Client } from 'pg'
import type { BackupTable } from '../../core/backup.ts'
import { leftOutTables } from './left-out-tables.ts'

interface Reference {
  readonly from: string
  readonly to: string
}

/** Tables of the schema that belong into a backup, with the columns that COPY can write, referred ones before referring ones. */
export async function readBackupTables(client: Client): Promise<readonly BackupTable[]> {
  const tables = await client.query<BackupTable>(tablesSql)
  const references = await client.query<Reference>(referencesSql)
  return inDependencyOrder(
    tables.rows.filter(({ name }) => !(name in leftOutTables)),
    references.rows,
  )
}

/** Stable: tables that do not depend on each other keep their order. Throws when references go in a circle. */
export function inDependencyOrder<Table extends { readonly name: string }>(
  tables: readonly Table[],
  references: readonly Reference[],
): readonly Table[] {
  const ordered: Table[] = []
  for (let left = tables; left.length > 0; ) {
    const names = new Set(left.map(({ name }) => name))
    const waits = ({ name }: Table) => references.some(({ from, to }) => from === name && to !== name && names.has(to))
    const free = left.filter((table) => !waits(table))
    if (free.length === 0) throw new Error(`foreign keys go in a circle: ${[...names].join(', ')}`)
    ordered.push(...free)
    left = left.filter(waits)
  }
  return ordered
}

/** Partitions are in their parents; generated columns cannot be written. */
const tablesSql = `
  SELECT class.relname::text AS name, array_agg(attribute.attname::text ORDER BY attribute.attnum) AS columns
  FROM pg_class AS class JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid
  WHERE class.relnamespace = current_schema()::regnamespace AND class.relkind IN ('r', 'p') AND NOT class.relispartition
  AND attribute.attnum > 0 AND NOT attribute.attisdropped AND attribute.attgenerated = ''
  GROUP BY class.relname ORDER BY class.relname`

const referencesSql = `
  SELECT referring.relname::text AS "from", referred.relname::text AS "to"
  FROM pg_constraint AS rule
  JOIN pg_class AS referring ON referring.oid = rule.conrelid
  JOIN pg_class AS referred ON referred.oid = rule.confrelid
  WHERE rule.contype = 'f' AND rule.connamespace = current_schema()::regnamespace`
