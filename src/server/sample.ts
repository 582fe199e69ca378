import { pathToFileURL } from 'node:url'
import type { Log } from '../core/log.ts'
import { createRepository } from '../operations/manage-repositories.ts'
import { enqueueOne } from '../operations/manage-services.ts'
import { syncTask } from '../operations/sync-repository.ts'
import { sampleFolder } from '../places/package-root.ts'
import type { Services } from './compose.ts'

const id = 'sample'

/** Mirrors and publishes the sample into a server that has no repository yet (DESIGN §5, `npm start`). */
export async function mirrorSample(services: Services, log: Log): Promise<void> {
  if ((await services.repositories.list()).length > 0) return
  await createRepository(services, {
    id,
    displayName: 'Sample packages',
    description: 'What Deckle ships to have something to show. Delete it when you like.',
    notes: { '_repo-type': 'rpm-repo' },
    importer: { type: 'yum_importer', config: { feed: `${pathToFileURL(sampleFolder()).href}/` } },
    distributors: [
      {
        id: 'yum_distributor',
        type: 'yum_distributor',
        config: { relative_url: id, http: true, https: true },
        autoPublish: true,
      },
    ],
  })
  await enqueueOne(services.tasks, syncTask(id))
  log.info('the sample repository will be mirrored', { repository: id })
}
