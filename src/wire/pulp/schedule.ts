import { type Static, Type } from 'typebox'
import { exact, FreeObject, Href, NullableDate, WireDate } from './scalars.ts'

const NullableCount = Type.Union([Type.Integer({ minimum: 0 }), Type.Null()])

/** pulp2-api §8.1. `next_run` is null where none will come before the year 10000. */
export const PulpSchedule = Type.Object(
  {
    _id: Type.String({ pattern: '^[0-9a-f]{24}$' }),
    _href: Href,
    schedule: Type.String(),
    task: Type.String(),
    args: Type.Array(Type.String()),
    kwargs: Type.Object({ overrides: FreeObject, scheduled_call_id: Type.String() }, exact),
    resource: Type.String(),
    enabled: Type.Boolean(),
    first_run: WireDate,
    next_run: NullableDate,
    last_run_at: NullableDate,
    total_run_count: Type.Integer({ minimum: 0 }),
    remaining_runs: NullableCount,
    failure_threshold: NullableCount,
    consecutive_failures: Type.Integer({ minimum: 0 }),
    /** Seconds since 1970 with a fraction, unlike all other dates (pulp2-api §1.4). */
    last_updated: Type.Number(),
  },
  exact,
)
export type PulpSchedule = Static<typeof PulpSchedule>

const units = Type.Array(FreeObject)

/** The same of what the agent of a consumer does (pulp2-api §8.1, base C). */
export const PulpConsumerSchedule = Type.Object(
  {
    ...PulpSchedule.properties,
    kwargs: Type.Object({ units, options: FreeObject, scheduled_call_id: Type.String() }, exact),
    units,
    options: FreeObject,
  },
  exact,
)
export type PulpConsumerSchedule = Static<typeof PulpConsumerSchedule>
