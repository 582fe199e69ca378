import type { Selectable } from 'kysely'
import { sql } from 'kysely'
import type { Profile, ProfileStore } from '../../core/consumer.ts'
import { notFound } from '../../core/errors.ts'
import type { Database } from '../connection.ts'
import { jsonb, type Schema } from '../schema.ts'
import { consumerKey, lockConsumer } from './consumer-rows.ts'
import { recordEvents } from './record-events.ts'

/** Profiles of consumers in PostgreSQL. */
export class PostgresProfileStore implements ProfileStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async of(consumerId: string): Promise<readonly Profile[]> {
    const consumer = await consumerKey(this.#database, consumerId)
    const rows = await selectProfiles(this.#database)
      .where('consumer_profile.consumer', '=', consumer)
      .orderBy('content_type')
      .execute()
    return rows.map(toProfile)
  }

  async get(consumerId: string, contentType: string): Promise<Profile> {
    const consumer = await consumerKey(this.#database, consumerId)
    const row = await selectProfiles(this.#database)
      .where('consumer_profile.consumer', '=', consumer)
      .where('content_type', '=', contentType)
      .executeTakeFirst()
    if (row === undefined) throw missing(consumerId, contentType)
    return toProfile(row)
  }

  async put(
    consumerId: string,
    { contentType, profile, hash }: Pick<Profile, 'contentType' | 'profile' | 'hash'>,
    originator: string,
  ): Promise<Profile> {
    return this.#database.transaction().execute(async (transaction) => {
      const consumer = await lockConsumer(transaction, consumerId)
      const columns = { profile: jsonb(profile), hash: Buffer.from(hash, 'hex') }
      const row = await transaction
        .insertInto('consumer_profile')
        .values({ consumer, content_type: contentType, ...columns })
        .onConflict((conflict) => conflict.columns(['consumer', 'content_type']).doUpdateSet(columns))
        .returning(['id', 'created'])
        .executeTakeFirstOrThrow()
      const details = { content_type: contentType, profile_hash: hash }
      await recordEvents(transaction, [{ consumerId, type: 'unit_profile_changed', originator, details }])
      return { key: row.id, consumerId, contentType, profile, hash, created: row.created }
    })
  }

  async delete(consumerId: string, contentType: string): Promise<void> {
    const consumer = await consumerKey(this.#database, consumerId)
    const { numDeletedRows } = await this.#database
      .deleteFrom('consumer_profile')
      .where('consumer', '=', consumer)
      .where('content_type', '=', contentType)
      .executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) throw missing(consumerId, contentType)
  }
}

export function selectProfiles(database: Database) {
  return database
    .selectFrom('consumer_profile')
    .innerJoin('consumer', 'consumer.id', 'consumer_profile.consumer')
    .selectAll('consumer_profile')
    .select(sql<string>`consumer.name`.as('consumer_name'))
}

export function toProfile(row: Selectable<Schema['consumer_profile']> & { readonly consumer_name: string }): Profile {
  return {
    key: row.id,
    consumerId: row.consumer_name,
    contentType: row.content_type,
    profile: row.profile,
    hash: row.hash.toString('hex'),
    created: row.created,
  }
}

function missing(consumerId: string, contentType: string) {
  return notFound({ profile_id: `${consumerId}.${contentType}` })
}
