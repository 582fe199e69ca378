import { STATUS_CODES } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Permission } from '../../core/permission.ts'
import type { Proof } from '../kit/api.ts'
import { type AppOptions, createApp } from '../kit/create-app.ts'
import type { Route } from '../kit/route.ts'
import { admit } from './admit.ts'
import { consumerApiRoutes } from './consumers/consumer-api.ts'
import { contentSourceRoutes } from './content-sources.ts'
import { contentUnitRoutes } from './content-units.ts'
import { distributorRoutes } from './distributors.ts'
import { toErrorAnswer } from './error-answer.ts'
import { eventRoutes } from './events.ts'
import { groupDistributorRoutes } from './group-distributors.ts'
import { historyRoutes } from './histories.ts'
import { importerRoutes } from './importers.ts'
import { loginRoutes } from './login.ts'
import { referenceFiles } from './open-api/reference-files.ts'
import { orphanRoutes } from './orphans.ts'
import { permissionRoutes } from './permissions.ts'
import { pluginRoutes } from './plugins.ts'
import { repositoryRoutes } from './repositories.ts'
import { repositoryActionRoutes } from './repository-actions.ts'
import { repositoryGroupRoutes } from './repository-groups.ts'
import { roleRoutes } from './roles.ts'
import { scheduleRoutes } from './schedules.ts'
import { searchUnitsRoutes } from './search-units.ts'
import { searchRoutes } from './searches.ts'
import { serverKeyFile } from './server-key-file.ts'
import type { PulpServices } from './services.ts'
import { signingKeyFile } from './signing-key-file.ts'
import { statusRoutes } from './status.ts'
import { taskGroupRoutes } from './task-groups.ts'
import { taskRoutes } from './tasks.ts'
import { uploadRoutes } from './uploads.ts'
import { userRoutes } from './users.ts'
import { versionActionRoutes } from './version-actions.ts'
import { versionRoutes } from './versions.ts'

/** Every call of the Pulp API. */
export function pulpRoutes(services: PulpServices): readonly Route[] {
  return [
    ...statusRoutes(services),
    ...repositoryRoutes(services),
    ...importerRoutes(services),
    ...distributorRoutes(services),
    ...repositoryActionRoutes(services),
    ...versionRoutes(services),
    ...versionActionRoutes(services),
    ...scheduleRoutes(services),
    ...historyRoutes(services),
    ...taskRoutes(services),
    ...taskGroupRoutes(services),
    ...loginRoutes(services),
    ...userRoutes(services),
    ...roleRoutes(services),
    ...permissionRoutes(services),
    ...searchRoutes(services),
    ...repositoryGroupRoutes(services),
    ...groupDistributorRoutes(services),
    ...eventRoutes(services),
    ...consumerApiRoutes(services),
    ...pluginRoutes(services),
    ...contentUnitRoutes(services),
    ...contentSourceRoutes(services),
    ...searchUnitsRoutes(services),
    ...orphanRoutes(services),
    ...uploadRoutes(services),
  ]
}

/**
 * The Pulp 2 REST API below `/pulp/api/v2/`. It does not listen: after `await app.ready()` the server hands it what belongs to it
 * with `app.routing(request, response)`, and calls `app.close()` when it stops.
 */
export function createPulpApi(services: PulpServices, options: AppOptions): FastifyInstance {
  const routes = pulpRoutes(services)
  const api = {
    routes,
    files: [...referenceFiles(routes), serverKeyFile(services), signingKeyFile(services)],
    admit: (proof: Proof, wanted: readonly Permission[], path: string) => admit(services, proof, wanted, path),
    printError: toErrorAnswer,
    unknownPath: { status: 404, json: null },
    reasonPhrase: toPulpReason,
  }
  return createApp(api, options)
}

/** In capitals, as Pulp's servers write it: `CREATED`, `NOT FOUND`. */
function toPulpReason(status: number): string {
  return (STATUS_CODES[status] ?? '').toUpperCase()
}
