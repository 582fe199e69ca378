import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onEachDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { makeFilesMirror, syncWell } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { fetchBytes } from './support/published.ts'
import { call } from './support/pulp-calls.ts'
import { sharedServer } from './support/servers.ts'
import { versionsOf } from './support/versions.ts'

onEachDatabase('a server that works for long', (fresh) => {
  const server = sharedServer(fresh, () => ({
    DECKLE_MAINTENANCE_INTERVAL: '1',
    DECKLE_RETAIN_VERSIONS: '2',
    DECKLE_TASK_RETENTION: '5',
  }))

  test('keeps the newest versions and those that are served, and forgets finished tasks', async () => {
    const folder = await temporaryFolder()
    await writePlainFiles(folder, { file: 'version 1' })
    const upstream = await FolderUpstream.of(folder)
    const url = await makeFilesMirror(server(), 'long', { feed: upstream.feed, remove_missing: true })
    await syncWell(server(), 'long')
    await call(server(), 'PUT', '/pulp/api/v2/repositories/long/distributors/iso_distributor/', {
      distributor_config: {},
      delta: { auto_publish: false },
    })
    for (const text of ['version 2', 'version 3', 'version 4']) {
      await writePlainFiles(folder, { file: text })
      await upstream.update()
      await syncWell(server(), 'long')
    }
    await eventually(async () => Object.keys(await versionsOf(server(), 'long')).join() === '1,3,4')
    assert.equal((await fetchBytes(`${url}file`)).toString(), 'version 1')
    await eventually(async () => (await server().client.tasks([])).length === 0)
  })
})
