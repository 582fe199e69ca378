import { type Static, Type } from 'typebox'
import { PulpErrorDetails } from './error.ts'
import { exact, extension, FreeObject, Href, NullableDate, NullableText, ObjectId } from './scalars.ts'

/** The written API says `href`, clients index `_href`: both (pulp2-api §0.4). */
const SpawnedTask = Type.Object({ _href: Href, href: Href, task_id: Type.String() }, exact)

/** pulp2-api §3.3. `queue` only when one task is asked for. */
export const PulpTaskReport = Type.Object(
  {
    _href: Href,
    task_id: Type.String(),
    _id: ObjectId,
    id: Type.String({ pattern: '^[0-9a-f]{24}$' }),
    _ns: Type.Literal('task_status'),
    task_type: NullableText,
    state: Type.Union([
      Type.Literal('waiting'),
      Type.Literal('accepted'),
      Type.Literal('running'),
      Type.Literal('finished'),
      Type.Literal('error'),
      Type.Literal('canceled'),
    ]),
    tags: Type.Array(Type.String()),
    start_time: NullableDate,
    finish_time: NullableDate,
    worker_name: NullableText,
    /** What a waiting task waits for, as an end of the sentence "it waits". */
    waiting_reason: Type.Optional(Type.String(extension)),
    queue: Type.Optional(Type.String()),
    progress_report: FreeObject,
    result: Type.Unknown(),
    spawned_tasks: Type.Array(SpawnedTask),
    error: Type.Union([PulpErrorDetails, Type.Null()]),
    exception: Type.Null(),
    traceback: NullableText,
  },
  exact,
)
export type PulpTaskReport = Static<typeof PulpTaskReport>
