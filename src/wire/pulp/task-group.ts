import { type Static, Type } from 'typebox'
import { exact } from './scalars.ts'

const Count = Type.Integer({ minimum: 0 })

/** How many tasks of a group are in each state (pulp2-api §11). */
export const PulpGroupSummary = Type.Object(
  {
    total: Count,
    waiting: Count,
    accepted: Count,
    running: Count,
    suspended: Count,
    skipped: Count,
    finished: Count,
    error: Count,
    canceled: Count,
  },
  exact,
)
export type PulpGroupSummary = Static<typeof PulpGroupSummary>
