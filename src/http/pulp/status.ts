import type { PulpStatus } from '../../wire/pulp/status.ts'
import { ok, type Route } from '../kit/route.ts'
import { toPulpDate } from './dates.ts'
import { root } from './hrefs.ts'
import type { PulpServices, ServerStatus } from './services.ts'

/** `/status/`, the only path that asks nobody who they are (pulp2-api §14). */
export function statusRoutes(services: PulpServices): readonly Route[] {
  return [
    {
      method: 'GET',
      path: `${root}status/`,
      permission: 'public',
      body: 'none',
      answers: { 200: 'PulpStatus' },
      doc: 'Tells whether the server works, its version and its workers.',
      handler: async () => ok(toPulpStatus(await services.status(), services.platformVersion)),
    },
  ]
}

/** The parents of worker slots register as scheduler and resource manager too, which Katello looks for. */
function toPulpStatus(status: ServerStatus, platformVersion: string): PulpStatus {
  return {
    api_version: '2',
    versions: { platform_version: platformVersion },
    database_connection: { connected: status.databaseConnected },
    messaging_connection: { connected: status.databaseConnected },
    known_workers: status.workers.map(({ name, heartbeat }) => ({
      _id: name,
      name,
      _ns: 'workers',
      last_heartbeat: toPulpDate(heartbeat),
    })),
  }
}
