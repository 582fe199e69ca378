import { test } from 'node:test'
import { onEachDatabase } from '../src/testing/databases.ts'
import { requireClients } from './support/clients.ts'
import { refreshWhilePublishing } from './support/moving-repository.ts'
import { isLong } from './support/project.ts'
import { sharedServer } from './support/servers.ts'

const refreshes = isLong ? 5_000 : 200
const switches = isLong ? 200 : 10

onEachDatabase('a client', (fresh) => {
  const server = sharedServer(fresh)

  const title = `that refreshes ${refreshes} times while publications change under it never meets a broken one`
  test(title, requireClients('rpmbuild', 'createrepo_c'), async () => {
    await refreshWhilePublishing(server(), [server()], { refreshes, switches, readers: 2 })
  })
})
