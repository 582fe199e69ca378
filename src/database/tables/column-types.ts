import type { ColumnType } from 'kysely'

/** Written as text (`jsonb` in `schema.ts`): the driver would turn an array into a PostgreSQL array. */
export type JsonColumn<Value> = ColumnType<Value, string, string>
export type JsonColumnWithDefault<Value> = ColumnType<Value, string | undefined, string>
export type Now = ColumnType<Date, Date | undefined, Date>
