import { Type } from 'typebox'

/** The parts that every Pulp object is printed with (pulp2-api §1.3, §1.4). */

/** 24 hexadecimal digits in the wrapping that Pulp's database gave them. */
export const ObjectId = Type.Object(
  { $oid: Type.String({ pattern: '^[0-9a-f]{24}$' }) },
  { additionalProperties: false },
)

/** Absolute path of a resource. */
export const Href = Type.String({ pattern: '^/pulp/api/v2/.*/$' })

/** ISO 8601, UTC, to the second: `2016-04-29T16:28:08Z`. */
export const WireDate = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' })

export const NullableText = Type.Union([Type.String(), Type.Null()])
export const NullableDate = Type.Union([WireDate, Type.Null()])

/** An object whose members belong to the user or to a plugin. */
export const FreeObject = Type.Record(Type.String(), Type.Unknown())

/** Closed: a member that is not named here is a mistake of ours. */
export const exact = { additionalProperties: false } as const

/** Marks a member that is an addition of ours. */
export const extension = { 'x-deckle-extension': true } as const
