import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import type { Json, JsonObject } from '../../core/json.ts'
import { fromPulpFilters } from '../../http/pulp/filters.ts'
import { onOneDatabase } from '../../testing/databases.ts'
import { matchesQuery } from '../../testing/mongo-evaluator.ts'
import { mongoDocument, mongoQuery } from '../../testing/mongo-queries.ts'
import { compareBy } from '../../testing/mongo-values.ts'
import type { Database } from '../connection.ts'
import { compileFilter } from './compile-filter.ts'
import { orderBy } from './order-by.ts'
import { jsonField } from './searchable.ts'

const cases = process.env['DECKLE_TEST_LONG'] === '1' ? 20_000 : 300
/** Queries that are asked of the same documents, in one statement. */
const atOnce = 10
const seed = Number(process.env['DECKLE_TEST_SEED'] ?? Date.now() % 2 ** 31)

const fields = { doc: jsonField(sql.ref('document.body')) }

/** All fields of a document are below `doc`. */
function below(query: JsonObject): JsonObject {
  const moved = Object.entries(query).map(([key, condition]): [string, Json] => {
    if (!key.startsWith('$') || !Array.isArray(condition)) return [`doc.${key}`, condition]
    return [key, condition.map((one) => below(one as JsonObject))]
  })
  return Object.fromEntries(moved)
}

/** For each query, which of the documents the database finds. */
async function findIn(database: Database, queries: readonly JsonObject[], documents: readonly Json[]) {
  const bodies = documents.map((document) => JSON.stringify(document))
  const conditions = queries.map((query) => compileFilter(fromPulpFilters(below(query)), fields))
  return database.transaction().execute(async (transaction) => {
    // As searches do: compiling takes longer than running.
    await sql`SET LOCAL jit = off`.execute(transaction)
    const { rows } = await sql<{ matched: readonly boolean[] }>`
      SELECT ARRAY[${sql.join(conditions)}] AS matched
      FROM unnest(${bodies}::jsonb[]) WITH ORDINALITY AS document(body, position) ORDER BY position`.execute(
      transaction,
    )
    return queries.map((_, index) => rows.map(({ matched }) => matched[index]))
  })
}

onOneDatabase('A query document in SQL', (fresh) => {
  it(`finds what MongoDB's rules say (${cases} queries, DECKLE_TEST_SEED=${seed})`, async () => {
    const { database } = await fresh.open()
    const queries = fc.array(mongoQuery, { minLength: atOnce, maxLength: atOnce })
    const documents = fc.array(mongoDocument, { minLength: 10, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(queries, documents, async (asked, docs) => {
        const found = await findIn(database, asked, docs)
        for (const [index, query] of asked.entries()) {
          const expected = docs.map((doc) => matchesQuery(query, doc))
          assert.deepEqual(found[index], expected, `${JSON.stringify(query)} of ${JSON.stringify(docs)}`)
        }
      }),
      { numRuns: cases / atOnce, seed, endOnFailure: cases > 300 },
    )
  })

  it(`sorts in MongoDB's order (DECKLE_TEST_SEED=${seed})`, async () => {
    const { database } = await fresh.open()
    const path = fc.array(fc.constantFrom('a', '0', 'b'), { minLength: 1, maxLength: 3 })
    const scalar = fc.constantFrom<Json>(null, true, false, -1, 0, 1.5, 2, '', 'a', 'B', 'é', '10', '9')
    const list = fc.array(fc.oneof(scalar, fc.constant<Json>([]), fc.record({ b: scalar })), { maxLength: 3 })
    const member = fc.oneof(scalar, list, fc.dictionary(fc.constantFrom('a', 'b', '0'), fc.oneof(scalar, list)))
    const documents = fc.array(fc.dictionary(fc.constantFrom('a', 'b'), member, { noNullPrototype: true }), {
      minLength: 5,
      maxLength: 20,
    })
    const direction = fc.constantFrom('ascending' as const, 'descending' as const)
    await fc.assert(
      fc.asyncProperty(path, direction, documents, async (segments, way, docs) => {
        const sort = [{ field: `doc.${segments.join('.')}`, direction: way }]
        const order = orderBy({ sort }, fields, sql`position`)
        const bodies = docs.map((document) => JSON.stringify(document))
        const { rows } = await sql<{ body: Json }>`SELECT body
          FROM unnest(${bodies}::jsonb[]) WITH ORDINALITY AS document(body, position) ORDER BY ${order}`.execute(
          database,
        )
        const expected = (JSON.parse(JSON.stringify(docs)) as Json[]).toSorted(compareBy(segments, way))
        assert.deepEqual(
          rows.map(({ body }) => body),
          expected,
        )
      }),
      { numRuns: Math.max(100, cases / 20), seed },
    )
  })
})
