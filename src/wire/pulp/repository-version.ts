import { type Static, Type } from 'typebox'
import { exact, extension, FreeObject, Href, WireDate } from './scalars.ts'

/** To the millisecond, as `?at` on a content URL compares: `2016-04-29T16:28:08.123Z`. */
const ExactDate = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' })

/** What was readable of a version, where, and when. */
export const PulpVersionPublication = Type.Object(
  {
    distributor_id: Type.String(),
    /** Path on this server, without a slash at its end. */
    path: Type.String(),
    live_from: ExactDate,
    superseded_at: Type.Union([ExactDate, Type.Null()]),
  },
  exact,
)

/** A numbered state of a repository's content; an extension. */
export const PulpRepositoryVersion = Type.Object(
  {
    _href: Href,
    repo_id: Type.String(),
    version: Type.Integer({ minimum: 0 }),
    created: WireDate,
    latest: Type.Boolean(),
    /** Units of it were deleted as orphans: it can neither be published nor restored nor compared. */
    pruned: Type.Boolean(),
    content_unit_counts: Type.Record(Type.String(), Type.Integer()),
    /** Of the files of all its units. */
    file_bytes: Type.Integer(),
    publications: Type.Array(PulpVersionPublication),
  },
  { ...exact, ...extension },
)
export type PulpRepositoryVersion = Static<typeof PulpRepositoryVersion>

/** What is different of one unit between two versions; `changed` where its key stands for something else. */
export const PulpUnitChange = Type.Object(
  {
    change: Type.Union([Type.Literal('added'), Type.Literal('removed'), Type.Literal('changed')]),
    type_id: Type.String(),
    unit_id: Type.String(),
    unit_key: FreeObject,
  },
  { ...exact, ...extension },
)
export type PulpUnitChange = Static<typeof PulpUnitChange>
