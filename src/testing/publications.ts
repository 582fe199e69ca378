import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { sha256Hex } from '../core/digest.ts'
import { encodeRope, type Rope } from '../core/rope.ts'
import type { Database } from '../database/connection.ts'
import { publicationChannel } from '../database/publication-switch.ts'

/** A repository with one distributor, for tests that put rows where a sync and a publish would. */
export interface TestRepository {
  readonly repository: number
  readonly distributor: number
}

export async function insertRepository(database: Database, name = `r-${randomUUID()}`): Promise<TestRepository> {
  const repository = await database
    .insertInto('repository')
    .values({ name, display_name: null, description: null, notes: '{}' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const distributor = await database
    .insertInto('distributor')
    .values({ repository: repository.id, name: 'web', type: 'test_distributor', config: '{}', auto_publish: false })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { repository: repository.id, distributor: distributor.id }
}

export interface TestUnitFile {
  readonly path: string
  readonly content: string
  /** Whether there is a row of its blob. Default true. */
  readonly stored?: boolean
  readonly addedIn?: number
  readonly removedIn?: number
}

/** A unit of one file, in versions `addedIn` (1) up to before `removedIn`. Returns the unit. */
export async function insertUnitFile(database: Database, at: TestRepository, file: TestUnitFile): Promise<number> {
  const { unit, type } = await insertUnit(database)
  const identity = randomUUID()
  const row = await insertFile(database, file)
  await database.insertInto('unit_file').values({ unit, path: file.path, file: row }).execute()
  await database
    .insertInto('membership')
    .values({
      repository: at.repository,
      unit,
      identity,
      name: identity,
      type,
      added_in: file.addedIn ?? 1,
      removed_in: file.removedIn ?? null,
    })
    .execute()
  return unit
}

async function insertUnit(database: Database): Promise<{ unit: number; type: number }> {
  await database
    .insertInto('content_type')
    .values({ name: 'test' })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const row = await database
    .insertInto('unit')
    .values((expressions) => ({
      type: expressions.selectFrom('content_type').select('id').where('name', '=', 'test'),
      key_hash: Buffer.from(randomUUID()),
      revision: Buffer.from(randomUUID()),
      wire_id: randomUUID(),
      metadata: '{}',
      file_bytes: 0,
    }))
    .returning(['id', 'type'])
    .executeTakeFirstOrThrow()
  return { unit: row.id, type: row.type }
}

async function insertFile(database: Database, file: TestUnitFile): Promise<number> {
  const sha256 = Buffer.from(sha256Hex(file.content), 'hex')
  const size = Buffer.byteLength(file.content)
  if (file.stored ?? true) {
    const insert = database.insertInto('blob').values({ sha256, size, stored_at: new Date() })
    await insert.onConflict((conflict) => conflict.doNothing()).execute()
  }
  const row = await database.insertInto('file').values({ sha256, size }).returning('id').executeTakeFirstOrThrow()
  return row.id
}

export interface TestGeneratedFile {
  readonly path: string
  readonly content: string
  readonly mediaType?: string
  /** Default: one blob of the content. */
  readonly rope?: Rope
}

export interface TestPublication {
  readonly basePath: string
  readonly version?: number
  readonly layout?: string
  readonly files?: readonly TestGeneratedFile[]
}

/** Makes a publication the live one of its base path, in one transaction, and announces it. Returns its id. */
export function publish(database: Database, at: TestRepository, publication: TestPublication): Promise<number> {
  const { basePath, version = 1, layout = 'flat' } = publication
  return database.transaction().execute(async (transaction) => {
    const { id } = await transaction
      .insertInto('publication')
      .values({
        distributor: at.distributor,
        distributor_type: 'test_distributor',
        repository: at.repository,
        version,
        layout,
        config: '{}',
        base_path: basePath,
        task: null,
        live_from: sql`clock_timestamp()`,
        superseded_at: null,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    const rows = (publication.files ?? []).map((file) => generatedRow(id, file))
    if (rows.length > 0) await transaction.insertInto('generated_file').values(rows).execute()
    await sql`UPDATE publication SET superseded_at = clock_timestamp()
      WHERE id = (SELECT publication FROM live_publication WHERE base_path = ${basePath})`.execute(transaction)
    await transaction
      .insertInto('live_publication')
      .values({ base_path: basePath, distributor: at.distributor, publication: id })
      .onConflict((conflict) => conflict.column('base_path').doUpdateSet({ publication: id }))
      .execute()
    await sql`SELECT pg_notify(${publicationChannel}, ${basePath})`.execute(transaction)
    return id
  })
}

function generatedRow(publication: number, file: TestGeneratedFile) {
  const sha256 = sha256Hex(file.content)
  const size = Buffer.byteLength(file.content)
  return {
    publication,
    path: file.path,
    size,
    sha256: Buffer.from(sha256, 'hex'),
    media_type: file.mediaType ?? 'text/plain',
    parts: encodeRope(file.rope ?? [{ sha256, offset: 0, length: size }]),
  }
}
