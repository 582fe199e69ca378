import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { Type } from 'typebox'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { clientPath } from '../src/testing/clients.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { countsOf, follow, makeMirror, syncWell } from './support/mirrors.ts'
import { uploadPackage } from './support/package-uploads.ts'
import { succeed } from './support/programs.ts'
import { fetchBytes, recordsOf } from './support/published.ts'
import { call, read } from './support/pulp-calls.ts'
import { buildPackages, type PackageSpec } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

const builds = (version: string): PackageSpec[] => [
  { name: 'bear', version, epoch: 3, bytes: 30_000 },
  { name: 'lion', version, bytes: 30_000 },
]

/** A repository of new packages with deltas to older ones, which lie in a folder of their own. */
async function deltaRepository(): Promise<{ folder: string; old: string }> {
  const [folder, old] = [await temporaryFolder(), await temporaryFolder()]
  await buildPackages(old, builds('1'))
  await buildPackages(folder, builds('2'))
  const args = [
    '--quiet',
    '--no-database',
    '--general-compress-type=gz',
    '--deltas',
    '--num-deltas=1',
    '--oldpackagedirs',
    old,
  ]
  await succeed(clientPath('createrepo_c'), [...args, folder])
  return { folder, old }
}

/** What prestodelta.xml says of each package, without blanks between elements; createrepo_c has them in no order. */
async function listedBy(url: string): Promise<string[]> {
  const record = recordsOf((await fetchBytes(`${url}repodata/repomd.xml`)).toString()).get('prestodelta')
  const text = record === undefined ? '' : gunzipSync(await fetchBytes(url + record.href)).toString()
  return (text.replace(/>\s+</g, '><').match(/<newpackage .*?<\/newpackage>/g) ?? []).sort()
}

onOneDatabase('delta packages', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'makedeltarpm', 'applydeltarpm', 'dnf', 'rpm')
  const server = sharedServer(fresh)

  test(
    'are listed and served by a mirror as by its upstream, and by one on demand of the mirror',
    clients,
    async () => {
      const { folder } = await deltaRepository()
      const upstream = await FolderUpstream.of(folder)
      const url = await makeMirror(server(), 'deltas', { feed: upstream.feed })
      const tasks = await syncWell(server(), 'deltas')
      assert.deepEqual(countsOf(tasks), { added: 4, updated: 0, removed: 0 })
      assert.match(JSON.stringify(tasks[0]?.progress_report), /"drpm_done":2.*"drpm_total":2/)
      const second = await makeMirror(server(), 'deltas-again', { feed: url, download_policy: 'on_demand' })
      await syncWell(server(), 'deltas-again')
      const names = await readdir(join(folder, 'drpms'))
      assert.equal(names.length, 2)
      for (const place of [url, second]) {
        const listed = await listedBy(place)
        assert.equal(listed.length, 2)
        assert.deepEqual(listed, await listedBy(upstream.feed))
        for (const name of names)
          assert.deepEqual(await fetchBytes(`${place}drpms/${name}`), await readFile(join(folder, 'drpms', name)))
      }
    },
  )

  test('that are uploaded are listed as createrepo_c lists them', clients, async () => {
    const { folder } = await deltaRepository()
    const upstream = await FolderUpstream.of(folder)
    const url = await makeMirror(server(), 'uploaded', {})
    for (const name of await readdir(join(folder, 'drpms'))) {
      const path = join(folder, 'drpms', name)
      const [report] = await uploadPackage(server(), { repository: 'uploaded', type: 'drpm', path })
      assert.equal(report?.state, 'finished', JSON.stringify(report))
    }
    requireFinished(await follow(server(), await server().client.publish('uploaded', 'yum_distributor')))
    assert.deepEqual(await listedBy(url), await listedBy(upstream.feed))
    const path = '/pulp/api/v2/content/units/drpm/search/'
    const answer = await call(server(), 'POST', path, { criteria: { filters: { new_package: 'bear' } } })
    const [found] = read(Type.Array(Type.Record(Type.String(), Type.Unknown())), answer)
    assert.deepEqual([found?.['oldepoch'], found?.['oldversion'], found?.['epoch']], ['3', '1', '3'])
  })

  test('are taken by dnf from a mirror, and make the packages of the upstream', clients, async () => {
    const { folder, old } = await deltaRepository()
    await succeed(clientPath('createrepo_c'), ['--quiet', '--no-database', old])
    const before = await FolderUpstream.of(old)
    const upstream = await FolderUpstream.of(folder)
    const url = await makeMirror(server(), 'upgraded', { feed: upstream.feed })
    await syncWell(server(), 'upgraded')
    const repository = (id: string, at: string) => `[${id}]\nname=${id}\nbaseurl=${at}\nenabled=1\ngpgcheck=0\n`
    const dnf = await Dnf.with(repository('old', before.feed) + repository('new', url))
    await dnf.install('bear-1', 'lion-1')
    const outcome = await dnf.run('--setopt=deltarpm=true', '--setopt=deltarpm_percentage=100', 'upgrade')
    assert.deepEqual(await dnf.installed(), ['bear-2-1', 'lion-2-1'], outcome.stderr)
    // It builds packages of what is installed below `/`, which is not below the root of this test, and then takes them whole.
    assert.match(outcome.stdout, /bear-1-1_2-1\.noarch\.drpm/)
    const [taken, made] = [await temporaryFolder(), await temporaryFolder()]
    await writeFile(join(taken, 'bear.drpm'), await fetchBytes(`${url}drpms/bear-1-1_2-1.noarch.drpm`))
    const files = [join(old, 'bear-1-1.noarch.rpm'), join(taken, 'bear.drpm'), join(made, 'bear.rpm')]
    await succeed(clientPath('applydeltarpm'), ['-r', ...files])
    assert.deepEqual(await readFile(join(made, 'bear.rpm')), await readFile(join(folder, 'bear-2-1.noarch.rpm')))
  })
})
