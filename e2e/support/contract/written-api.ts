import { readFileSync } from 'node:fs'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

const Method = Type.Union([Type.Literal('GET'), Type.Literal('POST'), Type.Literal('PUT'), Type.Literal('DELETE')])

/** One call as the written API documents it. Members of the body are `name: type`, `type?` where it may be left out. */
const WrittenOperation = Type.Object(
  {
    section: Type.String({ pattern: '^D\\.[123](\\.\\d+)+$' }),
    method: Method,
    path: Type.String({ pattern: '^/pulp/api/v2/.*/$' }),
    permission: Type.String(),
    query: Type.Array(Type.String()),
    body: Type.Record(Type.String(), Type.String()),
    statuses: Type.Array(Type.Integer(), { minItems: 1 }),
    tags: Type.Optional(Type.Array(Type.String())),
    request: Type.Optional(Type.Unknown()),
    response: Type.Optional(Type.Unknown()),
    callResult: Type.Optional(Type.Unknown()),
    taskResult: Type.Optional(Type.Unknown()),
  },
  { additionalProperties: false },
)
export type WrittenOperation = Static<typeof WrittenOperation>

const WrittenApi = Type.Object(
  {
    operations: Type.Array(WrittenOperation, { minItems: 40 }),
    objects: Type.Array(Type.Object({ section: Type.String(), object: Type.Unknown() })),
  },
  { additionalProperties: false },
)

const file = new URL('../../written-api/pulp.json', import.meta.url)

/** What `scripts/extract-written-api.mjs` found in the text of the written API. */
export const writtenApi = Value.Parse(WrittenApi, JSON.parse(readFileSync(file, 'utf8')))

export type Method = Static<typeof Method>

/** Undefined for a call that the written API does not have. */
export function writtenOperation(section: string, method: Method): WrittenOperation | undefined {
  return writtenApi.operations.find((written) => written.section === section && written.method === method)
}

/** The sample of an object that a section describes. */
export function writtenObject(section: string): unknown {
  const found = writtenApi.objects.find((written) => written.section === section)
  if (found === undefined) throw new Error(`the written API shows no object in ${section}`)
  return found.object
}
