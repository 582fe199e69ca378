import { type Static, Type } from 'typebox'
import { PulpCallReport, PulpGroupCallReport } from './call-report.ts'
import { PulpErrorBody } from './error.ts'
import { exact } from './scalars.ts'

/** Ids of units that apply, by content type, and the consumers that have all of that in common (pulp2-api §15). */
export const PulpApplicability = Type.Object(
  {
    consumers: Type.Array(Type.String()),
    applicability: Type.Record(Type.String(), Type.Array(Type.String())),
  },
  exact,
)
export type PulpApplicability = Static<typeof PulpApplicability>

/** The second where tasks run side by side. */
export const PulpRegeneration = Type.Union([PulpCallReport, PulpGroupCallReport])
export type PulpRegeneration = Static<typeof PulpRegeneration>

/** What is wrong in a text, but for what is wrong with any body. */
export const PulpRefusedQuery = Type.Union([Type.String(), PulpErrorBody])
export type PulpRefusedQuery = Static<typeof PulpRefusedQuery>
