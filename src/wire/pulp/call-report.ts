import { type Static, Type } from 'typebox'
import { PulpErrorDetails } from './error.ts'
import { exact, Href } from './scalars.ts'

/** Exactly two members (pulp2-api §3.1). */
const PulpSpawnedTask = Type.Object({ _href: Href, task_id: Type.String() }, exact)

/** Exactly three members (pulp2-api §3.1). */
export const PulpCallReport = Type.Object(
  {
    result: Type.Unknown(),
    error: Type.Union([PulpErrorDetails, Type.Null()]),
    spawned_tasks: Type.Array(PulpSpawnedTask),
  },
  exact,
)
export type PulpCallReport = Static<typeof PulpCallReport>
