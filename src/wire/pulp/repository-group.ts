import { type Static, Type } from 'typebox'
import { exact, FreeObject, Href, NullableDate, NullableText, ObjectId } from './scalars.ts'

/** pulp2-api §10. */
export const PulpRepositoryGroup = Type.Object(
  {
    _id: ObjectId,
    _ns: Type.Literal('repo_groups'),
    _href: Href,
    id: Type.String(),
    display_name: NullableText,
    description: NullableText,
    notes: FreeObject,
    repo_ids: Type.Array(Type.String()),
    scratchpad: Type.Unknown(),
  },
  exact,
)
export type PulpRepositoryGroup = Static<typeof PulpRepositoryGroup>

/** The answer to the call that made it, and to no other: with the distributors as they were sent. */
export const PulpNewRepositoryGroup = Type.Object(
  { ...PulpRepositoryGroup.properties, distributors: Type.Array(FreeObject) },
  exact,
)
export type PulpNewRepositoryGroup = Static<typeof PulpNewRepositoryGroup>

/** One that a search found: `fields` left out what was not asked for. */
export const PulpFoundRepositoryGroup = Type.Object(
  {
    ...Type.Partial(PulpRepositoryGroup).properties,
    ...Type.Pick(PulpRepositoryGroup, ['_id', '_href', 'id']).properties,
  },
  exact,
)
export type PulpFoundRepositoryGroup = Static<typeof PulpFoundRepositoryGroup>

/** Ids of the repositories of a group after a change. */
export const PulpRepositoryIds = Type.Array(Type.String())
export type PulpRepositoryIds = Static<typeof PulpRepositoryIds>

/** pulp2-api §10. */
export const PulpGroupDistributor = Type.Object(
  {
    _id: ObjectId,
    _ns: Type.Literal('repo_group_distributors'),
    _href: Href,
    id: Type.String(),
    distributor_type_id: Type.String(),
    repo_group_id: Type.String(),
    config: FreeObject,
    scratchpad: Type.Unknown(),
    last_publish: NullableDate,
  },
  exact,
)
export type PulpGroupDistributor = Static<typeof PulpGroupDistributor>
