import { sql } from 'kysely'
import type { HostOfPull, RolloutNotices } from '../../core/rollout.ts'
import type { Database } from '../connection.ts'
import type { ControlSubscriber } from '../control-connection.ts'

/** The channel on which processes talk about rollouts. */
export const rolloutChannel = 'deckle_rollout'

/** A payload has less than 8,000 bytes; two keys and their signs have 40 at most. */
const pullsInNotice = 150

/** Wakes all processes when the transaction commits. */
export async function notifyWake(database: Database): Promise<void> {
  await sql`SELECT pg_notify(${rolloutChannel}, 'wake')`.execute(database)
}

export async function notifyDrop(database: Database, pulls: readonly HostOfPull[]): Promise<void> {
  if (pulls.length === 0) return
  const payloads = Array.from({ length: Math.ceil(pulls.length / pullsInNotice) }, (_, index) => {
    const part = pulls.slice(index * pullsInNotice, (index + 1) * pullsInNotice)
    return `drop:${part.map(({ pull, host }) => `${pull}/${host}`).join()}`
  })
  await sql`SELECT pg_notify(${rolloutChannel}, payload) FROM unnest(${payloads}::text[]) AS payload`.execute(database)
}

/** Passes notices on; to be attached to the control connection. Wakes too when that is made again: some were missed. */
export function rolloutSubscriber(notices: RolloutNotices): ControlSubscriber {
  return {
    channel: rolloutChannel,
    notice: (payload) => pass(payload, notices),
    ready: () => notices.wake(),
  }
}

/** Notices of another version of the program are passed over. */
function pass(payload: string, notices: RolloutNotices): void {
  const [event, first = '', ...rest] = payload.split(':')
  if (event === 'wake') notices.wake()
  if (event === 'drop') notices.drop(first.split(',').map(parsePull))
  if (event === 'moved') notices.moved(Number(first), rest.join(':'))
}

function parsePull(text: string): HostOfPull {
  const [pull, host] = text.split('/')
  return { pull: Number(pull), host: Number(host) }
}
