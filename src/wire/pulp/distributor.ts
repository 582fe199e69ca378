import { type Static, Type } from 'typebox'
import { exact, FreeObject, Href, NullableDate, ObjectId, WireDate } from './scalars.ts'

/** pulp2-api §6.1, with the members of later 2.x and those that only the written API has (§0.8). */
export const PulpDistributor = Type.Object(
  {
    _id: ObjectId,
    _ns: Type.Literal('repo_distributors'),
    _href: Href,
    id: Type.String(),
    distributor_type_id: Type.String(),
    repo_id: Type.String(),
    config: FreeObject,
    auto_publish: Type.Boolean(),
    last_publish: NullableDate,
    last_updated: WireDate,
    last_override_config: FreeObject,
    scratchpad: Type.Unknown(),
    publish_in_progress: Type.Boolean(),
    scheduled_publishes: Type.Array(Type.String()),
  },
  exact,
)
export type PulpDistributor = Static<typeof PulpDistributor>

/** One that a search found: `fields` left out what was not asked for. */
export const PulpFoundDistributor = Type.Object(
  {
    ...Type.Partial(PulpDistributor).properties,
    ...Type.Pick(PulpDistributor, ['_id', '_href', 'id', 'repo_id', 'distributor_type_id']).properties,
  },
  exact,
)
export type PulpFoundDistributor = Static<typeof PulpFoundDistributor>
