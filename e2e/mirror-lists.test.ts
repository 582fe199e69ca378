import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { type Reply, UpstreamServer } from '../src/testing/upstream-server.ts'
import { builtPackages } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { makeMirror, syncWell } from './support/mirrors.ts'
import { publishedChecksums } from './support/published.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { copyPackages, fileNameOf, type PackageSpec } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

const specs: readonly PackageSpec[] = ['bear', 'cat', 'dog'].map((name) => ({ name, bytes: 4_000 }))
const names = specs.map(fileNameOf)
const basic = `Basic ${Buffer.from('me:hunter2').toString('base64')}`

onOneDatabase('a sync from a list of mirrors', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c')
  const server = sharedServer(fresh)
  const built = builtPackages(specs)

  async function mirrors() {
    const folder = await temporaryFolder()
    await copyPackages(built(), folder, specs)
    await writeMetadata(folder)
    return [await FolderUpstream.of(folder), await FolderUpstream.of(folder), await FolderUpstream.of(folder)] as const
  }

  test('takes from the next mirror what one lacks or has damaged, and shows none the password', clients, async () => {
    const [first, second, third] = await mirrors()
    first.fail('repodata/repomd.xml', { status: 403 })
    second.fail(names[0] ?? '', { status: 404 })
    second.fail(names[1] ?? '', { body: second.read(names[1] ?? ''), corrupt: true })
    const lists = await UpstreamServer.start({
      '/mirrorlist': (request): Reply =>
        request.headers.authorization === basic
          ? { body: `# zoo\n${[first, second, third].map(({ feed }) => feed).join('\n')}\n` }
          : { status: 401 },
    })
    const feed = lists.url('/mirrorlist?repo=zoo').replace('//', '//me:hunter2@')
    const url = await makeMirror(server(), 'listed', { feed })
    await syncWell(server(), 'listed')
    assert.deepEqual(await publishedChecksums(url), Object.fromEntries(names.map((name) => [name, third.sha256(name)])))
    const fetched = (mirror: FolderUpstream) => mirror.server.paths.filter((path) => path.endsWith('.rpm')).length
    assert.deepEqual([first, second, third].map(fetched), [0, 3, 2])
    const shown = [first, second, third].flatMap((mirror) =>
      mirror.server.requests.map(({ headers }) => headers.authorization),
    )
    assert.ok(shown.every((authorization) => authorization === undefined))
    assert.deepEqual(lists.paths, ['/mirrorlist?repo=zoo'])
  })
})
