import { sql, type Transaction } from 'kysely'
import type { Schema } from '../schema.ts'

/** The channel on which processes hear that there is something for the agent of a consumer: its id is the notice. */
export const agentTaskChannel = 'deckle_agent_task'

/** Told when the transaction commits; equal notices of one transaction are told once. Null stands for what workers do. */
export async function announceToAgents(
  transaction: Transaction<Schema>,
  consumers: readonly (string | null | undefined)[],
): Promise<void> {
  const named = [...new Set(consumers)].filter((consumer) => typeof consumer === 'string')
  if (named.length === 0) return
  await sql`SELECT pg_notify(${agentTaskChannel}, consumer) FROM unnest(${named}::text[]) AS consumer`.execute(
    transaction,
  )
}
