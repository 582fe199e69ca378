import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from 'pg'

/** Files of the blob store of a server in a folder, and their bytes. */
export function blobsIn(folder: string): { readonly count: number; readonly bytes: number } {
  const entries = readdirSync(join(folder, 'blobs'), { recursive: true, withFileTypes: true })
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)).size)
  return { count: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) }
}

/** Every file that a distributor has made: digest → a path of it. */
export async function generatedBy(client: Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ digest: string; path: string }>(
    `SELECT encode(sha256, 'hex') AS digest, min(path) AS path FROM generated_file GROUP BY 1`,
  )
  return new Map(rows.map(({ digest, path }) => [digest, path]))
}

/** How many rows versions and publications have; a membership that has ended counts twice, because its row was written twice. */
export async function rowsOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT ((SELECT count(*) + count(removed_in) FROM membership) + (SELECT count(*) FROM repository_version)
      + (SELECT count(*) FROM publication) + (SELECT count(*) FROM generated_file)
      + (SELECT count(*) FROM generated_blob))::integer AS count`,
  )
  return rows[0]?.count ?? 0
}

/** How long the tasks took that began after a moment. */
export class TaskTimes {
  readonly #client: Client
  readonly #after: string

  private constructor(client: Client, after: string) {
    this.#client = client
    this.#after = after
  }

  static async since(client: Client): Promise<TaskTimes> {
    const { rows } = await client.query<{ last: string }>('SELECT coalesce(max(id), 0)::text AS last FROM task')
    return new TaskTimes(client, rows[0]?.last ?? '0')
  }

  /** Milliseconds from the start to the end, of each. */
  async read(): Promise<readonly number[]> {
    const { rows } = await this.#client.query<{ ms: number }>(
      'SELECT (extract(epoch FROM finished - started) * 1000)::float8 AS ms FROM task WHERE id > $1 ORDER BY id',
      [this.#after],
    )
    return rows.map(({ ms }) => ms)
  }
}
