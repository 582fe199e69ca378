import { type Static, Type } from 'typebox'
import { exact, FreeObject, Href, NullableText, ObjectId, WireDate } from './scalars.ts'

const Id = Type.String({ pattern: '^[0-9a-f]{24}$' })

/** Something that the agent of a consumer was told of a binding and has not done well. */
const PulpConsumerAction = Type.Object(
  {
    /** Of the task. */
    id: Type.String(),
    action: Type.Union([Type.Literal('bind'), Type.Literal('unbind')]),
    status: Type.Union([Type.Literal('pending'), Type.Literal('failed')]),
    /** Seconds since 1970 with a fraction. */
    timestamp: Type.Number(),
  },
  exact,
)

/** pulp2-api §15, as results of calls show it. */
export const PulpBinding = Type.Object(
  {
    _id: ObjectId,
    _ns: Type.Literal('consumer_bindings'),
    id: Id,
    consumer_id: Type.String(),
    repo_id: Type.String(),
    distributor_id: Type.String(),
    notify_agent: Type.Boolean(),
    binding_config: FreeObject,
    consumer_actions: Type.Array(PulpConsumerAction),
    deleted: Type.Boolean(),
  },
  exact,
)
export type PulpBinding = Static<typeof PulpBinding>

/** The same where consumers show it. */
export const PulpLinkedBinding = Type.Object({ ...PulpBinding.properties, _href: Href }, exact)
export type PulpLinkedBinding = Static<typeof PulpLinkedBinding>

/** The same where bindings are asked for: with what the consumer needs to know. Both are null once the distributor is gone. */
export const PulpBindingWithDetails = Type.Object(
  {
    ...PulpLinkedBinding.properties,
    type_id: NullableText,
    /** What the distributor hands to consumers (pulp2-types §5.9). */
    details: Type.Union([FreeObject, Type.Null()]),
  },
  exact,
)
export type PulpBindingWithDetails = Static<typeof PulpBindingWithDetails>

/** One that a search found: `fields` left out what was not asked for. */
export const PulpFoundBinding = Type.Object(
  { ...Type.Partial(PulpLinkedBinding).properties, ...Type.Pick(PulpLinkedBinding, ['_id', '_href', 'id']).properties },
  exact,
)
export type PulpFoundBinding = Static<typeof PulpFoundBinding>

/** pulp2-api §15. */
export const PulpConsumer = Type.Object(
  {
    _id: ObjectId,
    _ns: Type.Literal('consumers'),
    _href: Href,
    id: Type.String(),
    display_name: NullableText,
    description: NullableText,
    notes: FreeObject,
    capabilities: FreeObject,
    rsa_pub: NullableText,
    bindings: Type.Optional(Type.Array(PulpLinkedBinding)),
  },
  exact,
)
export type PulpConsumer = Static<typeof PulpConsumer>

/** The answer to a registration, which is the only one with the certificate. */
export const PulpRegistration = Type.Object(
  {
    consumer: PulpConsumer,
    /** PEM: the private key, then the certificate. */
    certificate: Type.String(),
  },
  exact,
)
export type PulpRegistration = Static<typeof PulpRegistration>

/** One that a search found: `fields` left out what was not asked for. */
export const PulpFoundConsumer = Type.Object(
  { ...Type.Partial(PulpConsumer).properties, ...Type.Pick(PulpConsumer, ['_id', '_href', 'id']).properties },
  exact,
)
export type PulpFoundConsumer = Static<typeof PulpFoundConsumer>

/** What is installed on a consumer, of one content type. */
export const PulpConsumerProfile = Type.Object(
  {
    _id: ObjectId,
    _ns: Type.Literal('consumer_unit_profiles'),
    _href: Href,
    id: Id,
    consumer_id: Type.String(),
    content_type: Type.String(),
    profile: Type.Unknown(),
    profile_hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  exact,
)
export type PulpConsumerProfile = Static<typeof PulpConsumerProfile>

/** One that a search found: `fields` left out what was not asked for. */
export const PulpFoundProfile = Type.Object(
  {
    ...Type.Partial(PulpConsumerProfile).properties,
    ...Type.Pick(PulpConsumerProfile, ['_id', '_href', 'id']).properties,
  },
  exact,
)
export type PulpFoundProfile = Static<typeof PulpFoundProfile>

/** Something that happened to a consumer. */
export const PulpConsumerEvent = Type.Object(
  {
    _id: ObjectId,
    _ns: Type.Literal('consumer_history'),
    id: Id,
    consumer_id: Type.String(),
    type: Type.String(),
    originator: Type.String(),
    timestamp: WireDate,
    details: Type.Unknown(),
  },
  exact,
)
export type PulpConsumerEvent = Static<typeof PulpConsumerEvent>
