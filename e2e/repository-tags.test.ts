import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { builtPackages } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { countsOf, makeMirror, syncWell } from './support/mirrors.ts'
import { fetchBytes } from './support/published.ts'
import { call, poll } from './support/pulp-calls.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { copyPackages } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

const [ant, bee] = [{ name: 'ant' }, { name: 'bee' }]
const tags = [
  ...['--content=binary-x86_64', '--content=a<b&"c"', '--repo=Zoo'],
  ...['--distro=cpe:/o:zoo:animals:1,Animals 1', '--distro=Wild'],
]

onOneDatabase('tags of a repository', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'dnf', 'rpm')
  const server = sharedServer(fresh)
  const built = builtPackages([ant, bee])

  async function tagsIn(url: string): Promise<string> {
    const repomd = (await fetchBytes(`${url}repodata/repomd.xml`)).toString()
    return /<tags>[\s\S]*<\/tags>/.exec(repomd)?.[0].replace(/>\s+</g, '><') ?? ''
  }

  /** What dnf tells of them. */
  async function toldAt(url: string): Promise<readonly string[]> {
    const { stdout } = await (await Dnf.at(url)).run('--quiet', 'repoinfo')
    return stdout.split('\n').filter((line) => /tags/.test(line))
  }

  test('are those of its upstream, through each publish, copy and change', clients, async () => {
    const folder = await temporaryFolder()
    await copyPackages(built(), folder, [ant])
    await writeMetadata(folder, { further: tags })
    const upstream = await FolderUpstream.of(folder)
    const url = await makeMirror(server(), 'tagged', { feed: upstream.feed })
    assert.deepEqual(countsOf(await syncWell(server(), 'tagged')), { added: 2, updated: 0, removed: 0 })
    const told = await toldAt(upstream.feed)
    assert.ok(told.length >= 2 && told.some((line) => line.includes('binary-x86_64')), told.join('\n'))
    assert.deepEqual(await toldAt(url), told)
    assert.equal(await tagsIn(url), await tagsIn(upstream.feed))

    await copyPackages(built(), folder, [bee])
    await writeMetadata(folder, { further: tags })
    await upstream.update()
    assert.deepEqual(countsOf(await syncWell(server(), 'tagged')), { added: 1, updated: 0, removed: 0 })
    assert.equal(await tagsIn(url), await tagsIn(upstream.feed))

    const copy = await makeMirror(server(), 'copied', {})
    const actions = '/pulp/api/v2/repositories/copied/actions'
    await poll(
      server(),
      await call(server(), 'POST', `${actions}/associate/`, { source_repo_id: 'tagged', criteria: {} }),
    )
    await poll(server(), await call(server(), 'POST', `${actions}/publish/`, { id: 'yum_distributor' }))
    const again = await makeMirror(server(), 'again', { feed: url })
    await syncWell(server(), 'again')
    for (const other of [copy, again]) assert.equal(await tagsIn(other), await tagsIn(url))

    await writeMetadata(folder, { further: ['--repo=Farm'] })
    await upstream.update()
    assert.deepEqual(countsOf(await syncWell(server(), 'tagged')), { added: 0, updated: 1, removed: 0 })
    assert.equal(await tagsIn(url), '<tags><repo>Farm</repo></tags>')
    await writeMetadata(folder)
    await upstream.update()
    assert.deepEqual(countsOf(await syncWell(server(), 'tagged')), { added: 0, updated: 0, removed: 1 })
    assert.equal(await tagsIn(url), '')
  })
})
