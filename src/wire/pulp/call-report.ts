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

/** Exactly two members: tasks that are counted and cancelled together (pulp2-api §3.2). */
export const PulpGroupCallReport = Type.Object({ group_id: Type.String(), _href: Href }, exact)
export type PulpGroupCallReport = Static<typeof PulpGroupCallReport>
