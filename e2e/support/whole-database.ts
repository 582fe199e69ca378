import { Client } from 'pg'

/** What workers, and servers that hosts connect to, say of themselves all the time. */
const alive = ['worker', 'host_hub']

/**
 * Every row of every table, as text: what somebody may not have changed. Left out are the registrations of processes and for how
 * long blobs are kept for those who may come to need them, which anybody may prolong.
 */
export async function wholeDatabase(databaseUrl: string): Promise<Record<string, readonly string[]>> {
  return withClient(databaseUrl, async (client) => {
    const tables = await client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
    )
    const contents: Record<string, readonly string[]> = {}
    for (const { name } of tables.rows.filter((table) => !alive.includes(table.name))) {
      const { rows } = await client.query<{ row: string }>(
        `SELECT (to_jsonb(t) - 'reserved_until')::text AS row FROM ${name} AS t ORDER BY 1`,
      )
      contents[name] = rows.map(({ row }) => row)
    }
    return contents
  })
}

/** Ends the session that holds the liveness lock of the worker that runs a task. */
export async function cutControlConnection(databaseUrl: string, taskId: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query(cutSql, [taskId])
    if (rows.length !== 1) throw new Error(`task ${taskId} is run by ${rows.length} sessions`)
  })
}

const cutSql = `
  SELECT pg_terminate_backend(pid) FROM pg_locks JOIN task ON worker_session = objid::bigint
  WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND task_id = $1
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`

async function withClient<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
