import { type Static, Type } from 'typebox'
import { exact, FreeObject, Href, NullableText, ObjectId } from './scalars.ts'

/** pulp2-api §15. */
export const PulpConsumerGroup = Type.Object(
  {
    _id: ObjectId,
    _ns: Type.Literal('consumer_groups'),
    _href: Href,
    id: Type.String(),
    display_name: NullableText,
    description: NullableText,
    notes: FreeObject,
    consumer_ids: Type.Array(Type.String()),
    scratchpad: Type.Null(),
  },
  exact,
)
export type PulpConsumerGroup = Static<typeof PulpConsumerGroup>

/** One that a search found: `fields` left out what was not asked for. */
export const PulpFoundConsumerGroup = Type.Object(
  {
    ...Type.Partial(PulpConsumerGroup).properties,
    ...Type.Pick(PulpConsumerGroup, ['_id', '_href', 'id']).properties,
  },
  exact,
)
export type PulpFoundConsumerGroup = Static<typeof PulpFoundConsumerGroup>

/** Ids of the consumers of a group after a change. */
export const PulpConsumerIds = Type.Array(Type.String())
export type PulpConsumerIds = Static<typeof PulpConsumerIds>
