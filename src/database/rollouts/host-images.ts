import { sql } from 'kysely'
import type { HostImages } from '../../core/rollout.ts'
import type { Database } from '../connection.ts'
import { storableText } from './storable.ts'

/** Kept by name, so that a new row of an image finds the hosts that have had it for long. */
export class PostgresHostImages implements HostImages {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async replace(host: number, names: readonly string[]): Promise<void> {
    const wanted = [...new Set(names.map(storableText))]
    await sql`
      WITH gone AS (DELETE FROM host_image WHERE host = ${host} AND name <> ALL(${wanted}::text[]))
      INSERT INTO host_image (host, name) SELECT ${host}::bigint, name FROM unnest(${wanted}::text[]) AS name
      ON CONFLICT DO NOTHING`.execute(this.#database)
  }

  async add(found: readonly { readonly host: number; readonly name: string }[]): Promise<void> {
    const hosts = found.map(({ host }) => host)
    const names = found.map(({ name }) => storableText(name))
    await sql`
      INSERT INTO host_image (host, name)
      SELECT DISTINCT host, name FROM unnest(${hosts}::bigint[], ${names}::text[]) AS found(host, name)
      ORDER BY host, name ON CONFLICT DO NOTHING`.execute(this.#database)
  }

  async hostsOf(images: readonly number[]): Promise<ReadonlyMap<number, readonly number[]>> {
    const { rows } = await sql<{ image: number; hosts: string[] }>`
      SELECT image.id AS image, array_agg(host.id ORDER BY host.id) AS hosts FROM resource AS image
      JOIN host_image ON host_image.name = image.identity
      JOIN resource AS host ON host.id = host_image.host AND host.owner = image.owner AND host.removed IS NULL
      WHERE image.id = ANY(${[...images]}::bigint[]) AND image.type = 'image' GROUP BY image.id`.execute(this.#database)
    return new Map(rows.map(({ image, hosts }) => [image, hosts.map(Number)]))
  }
}
