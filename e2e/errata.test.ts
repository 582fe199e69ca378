import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Type } from 'typebox'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { clientPath } from '../src/testing/clients.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { countsOf, follow, makeMirror, syncWell } from './support/mirrors.ts'
import { succeed } from './support/programs.ts'
import { call, poll, read } from './support/pulp-calls.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { buildPackages, type PackageSpec } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

const packages: readonly PackageSpec[] = [
  { name: 'bear', version: '1' },
  { name: 'bear', version: '2' },
  { name: 'lion', version: '5', epoch: 2 },
]

function packageElement(name: string, version: string, epoch = 0): string {
  const file = `<filename>${name}-${version}-1.noarch.rpm</filename><reboot_suggested>True</reboot_suggested>`
  return `<package name="${name}" version="${version}" release="1" epoch="${epoch}" arch="noarch">${file}</package>`
}

function advisory(id: string, type: string, title: string, elements: string): string {
  return `<update from="x@example.test" status="final" type="${type}" version="1"><id>${id}</id><title>${title}</title>
    <issued date="2020-01-01 01:01:01"/><updated date="2020-02-02 02:02:02"/><severity>Important</severity>
    <summary>Größe &lt;&amp;&gt;</summary><description>Two\nlines of ${title}.</description>
    <references><reference href="http://example.test/1" id="CVE-2020-1" type="cve" title="A hole"/></references>
    <pkglist><collection short="c"><name>all</name>${elements}</collection></pkglist></update>`
}

const bears = (title: string) =>
  advisory('A-1', 'security', title, packageElement('bear', '2') + packageElement('gone', '1'))
const lions = advisory('A-2', 'bugfix', 'Lions', packageElement('lion', '5', 2))

async function writeErrata(folder: string, advisories: readonly string[]): Promise<void> {
  const path = join(await temporaryFolder(), 'updateinfo.xml')
  await writeFile(path, `<?xml version="1.0"?>\n<updates>${advisories.join('\n')}</updates>`)
  await writeMetadata(folder)
  await succeed(clientPath('modifyrepo_c'), ['--mdtype=updateinfo', path, join(folder, 'repodata')])
}

/** What dnf tells a host, which has the old bear, of its errata. */
async function toldBy(url: string): Promise<string[]> {
  const dnf = await Dnf.at(url)
  await dnf.install('bear-1')
  const answers: string[] = []
  for (const question of [
    ['list', '--all'],
    ['info', '--all'],
    ['list', '--security'],
    ['summary', '--all'],
  ]) {
    const { stdout } = await dnf.run('--quiet', 'updateinfo', ...question)
    answers.push(stdout)
  }
  assert.match(answers[0] ?? '', /A-1/)
  return answers
}

onOneDatabase('errata', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'modifyrepo_c', 'dnf', 'rpm')
  const server = sharedServer(fresh)

  test('are told to dnf by a mirror as by its upstream, and by a mirror of the mirror', clients, async () => {
    const folder = await temporaryFolder()
    await buildPackages(folder, packages)
    await writeErrata(folder, [bears('Bears'), lions])
    const upstream = await FolderUpstream.of(folder)
    const url = await makeMirror(server(), 'errata', { feed: upstream.feed, remove_missing: true })
    assert.deepEqual(countsOf(await syncWell(server(), 'errata')), { added: 5, updated: 0, removed: 0 })
    assert.deepEqual(await toldBy(url), await toldBy(upstream.feed))
    const second = await makeMirror(server(), 'errata-again', { feed: url })
    await syncWell(server(), 'errata-again')
    assert.deepEqual(await toldBy(second), await toldBy(url))

    await writeErrata(folder, [bears('Better bears')])
    await upstream.update()
    assert.deepEqual(countsOf(await syncWell(server(), 'errata')), { added: 0, updated: 1, removed: 1 })
    assert.deepEqual(await toldBy(url), await toldBy(upstream.feed))
  })

  test('that are uploaded are told to dnf, and found by clients as they were sent', clients, async () => {
    const folder = await temporaryFolder()
    await buildPackages(folder, packages)
    await writeMetadata(folder)
    const upstream = await FolderUpstream.of(folder)
    const url = await makeMirror(server(), 'uploaded', { feed: upstream.feed })
    await syncWell(server(), 'uploaded')
    const flags = { reboot_suggested: false, relogin_suggested: false, restart_suggested: false }
    const bear = {
      name: 'bear',
      version: '2',
      release: '1',
      epoch: '0',
      arch: 'noarch',
      src: null,
      sum: null,
      ...flags,
    }
    const metadata = {
      title: 'Bears',
      type: 'security',
      updated: '2020-01-01 00:00:00',
      pkglist: [{ name: 'c', short: '', packages: [{ ...bear, filename: 'bear-2-1.noarch.rpm' }] }],
      references: [{ href: 'http://example.test', id: '1', type: 'bugzilla', title: 'A bug' }],
    }
    await upload('uploaded', metadata)
    requireFinished(await follow(server(), await server().client.publish('uploaded', 'yum_distributor')))
    const [list] = await toldBy(url)
    assert.match(list ?? '', /A-1\s+\S*Sec\S*\s+bear-2-1\.noarch/)

    const path = '/pulp/api/v2/content/units/erratum/search/'
    const answer = await call(server(), 'POST', path, { criteria: { filters: { id: 'A-1', title: 'Bears' } } })
    const found = read(Type.Array(Type.Record(Type.String(), Type.Unknown())), answer)
    assert.deepEqual(
      found.map(({ title, pkglist, references, severity }) => ({ title, pkglist, references, severity })),
      [{ title: 'Bears', pkglist: metadata.pkglist, references: metadata.references, severity: '' }],
    )
    // A sync does not take away what was uploaded.
    await syncWell(server(), 'uploaded')
    assert.equal((await server().client.repository('uploaded')).content_unit_counts?.['erratum'], 1)
  })

  async function upload(repository: string, metadata: object): Promise<void> {
    const request = read(
      Type.Object({ upload_id: Type.String() }),
      await call(server(), 'POST', '/pulp/api/v2/content/uploads/', {}),
    )
    const body = { ...request, unit_type_id: 'erratum', unit_key: { id: 'A-1' }, unit_metadata: metadata }
    const path = `/pulp/api/v2/repositories/${repository}/actions/import_upload/`
    const [report] = await poll(server(), await call(server(), 'POST', path, body))
    assert.equal(report?.state, 'finished', JSON.stringify(report))
  }
})
