import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { Type } from 'typebox'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { builtFolder } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import { answersOf, Dnf } from './support/dnf.ts'
import { FolderUpstream, filesBelow } from './support/folder-upstream.ts'
import { withoutRepomd } from './support/kickstart-tree.ts'
import { follow, makeMirror, syncWell } from './support/mirrors.ts'
import { uploadPackage } from './support/package-uploads.ts'
import { fetchBytes, publishedChecksums } from './support/published.ts'
import { call, poll, read } from './support/pulp-calls.ts'
import { documentsOf } from './support/repository-documents.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { groups, modules } from './support/rich-documents.ts'
import { buildRichPackages, writeRichMetadata } from './support/rich-upstream.ts'
import { buildPackages } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

const platform = '--setopt=module_platform_id=platform:f38'

/** How upstream compresses its metadata, and whether its packages lie on another server. */
const forms = [
  { compression: 'gz', elsewhere: false },
  { compression: 'xz', elsewhere: false },
  { compression: 'bz2', elsewhere: true },
  { compression: 'zst', elsewhere: false },
] as const

onOneDatabase('a mirror of an upstream with everything', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'modifyrepo_c', 'makedeltarpm', 'dnf', 'rpm', 'gpg')
  const server = sharedServer(fresh)
  const built = builtFolder(['rpmbuild', 'gpg', 'rpm'], buildRichPackages)
  const packages = () => join(built(), 'packages')

  for (const { compression, elsewhere } of forms) {
    const title = `says what that says in ${compression}, element by element, and so does a mirror of it`
    test(title, clients, async () => {
      const store = elsewhere ? await FolderUpstream.of(packages()) : undefined
      const baseUrl = store === undefined ? {} : { baseUrl: store.feed }
      const tree = await writeRichMetadata(built(), { compression, ...baseUrl })
      const upstream = await FolderUpstream.of(packages())
      const paths = await packagePaths()
      if (elsewhere) for (const path of paths) upstream.fail(path, () => ({ status: 404 }))
      const url = await makeMirror(server(), compression, { feed: upstream.feed })
      await syncWell(server(), compression)
      const theirs = await documentsOf(upstream.feed)
      const mine = await documentsOf(url)
      const { productid = '' } = theirs.others
      const others = [`group_${compression === 'zst' ? 'gz' : compression}`, 'primary_zck', 'productid']
      assert.deepEqual(Object.keys(theirs.others).sort(), others)
      assert.deepEqual(mine, { ...theirs, others: { productid } })
      const inTree = (path: string) => (path === '.treeinfo' ? withoutRepomd(upstream.read(path)) : upstream.read(path))
      for (const path of tree) assert.ok((await fetchBytes(url + path)).equals(inTree(path)), path)

      const second = `${compression}-again`
      const again = await makeMirror(server(), second, { feed: url, download_policy: 'on_demand' })
      await syncWell(server(), second)
      assert.deepEqual(await documentsOf(again), mine)
      for (const path of tree) assert.ok((await fetchBytes(again + path)).equals(inTree(path)), path)
      const sums = paths.map((path) => [basename(path), upstream.sha256(path)])
      const check = async () => assert.deepEqual(await publishedChecksums(again), Object.fromEntries(sums))
      assert.deepEqual(await (store ?? upstream).requestsOf(check), [])
    })
  }

  test('gives dnf the same answers, and what it installs, with signatures checked', clients, async () => {
    await writeRichMetadata(built(), {})
    const upstream = await FolderUpstream.of(packages())
    upstream.server.put('/key', await readFile(join(built(), 'key.asc')))
    const url = await makeMirror(server(), 'answers', { feed: upstream.feed })
    await syncWell(server(), 'answers')
    const told = await toldBy(upstream.feed, upstream.server.url('/key'))
    assert.ok(told.packages.length > 15 && told.installed.includes('bear-1.0^git1-1'), JSON.stringify(told))
    assert.match(told.advisories.join(), /RICH-2024:9[\s\S]*Größe/)
    assert.deepEqual(await toldBy(url, upstream.server.url('/key')), told)
  })

  test('has both of two packages whose files have one name', clients, async () => {
    const folder = await temporaryFolder()
    for (const epoch of [0, 1]) await buildPackages(join(folder, `epoch-${epoch}`), [{ name: 'bear', epoch }])
    await writeMetadata(folder)
    const upstream = await FolderUpstream.of(folder)
    const url = await makeMirror(server(), 'one-name', { feed: upstream.feed })
    await syncWell(server(), 'one-name')
    const paths = (await filesBelow(folder)).filter((path) => path.endsWith('.rpm'))
    const sums = Object.values(await publishedChecksums(url))
    assert.deepEqual(sums.sort(), paths.map((path) => upstream.sha256(path)).sort())
    const dnf = await Dnf.at(url)
    assert.deepEqual(await answersOf(dnf), await answersOf(await Dnf.at(upstream.feed)))
    await dnf.install('bear-0:1.0')
    await dnf.upgrade()
    assert.deepEqual(await dnf.repoquery('--installed', '--qf', '%{epoch}:%{name}'), ['1:bear'])
  })

  test('is told by a mirror of it where everything was uploaded', clients, async () => {
    await writeRichMetadata(built(), {})
    const url = await makeMirror(server(), 'uploaded', {})
    const paths = await packagePaths()
    for (const path of paths) await upload(/src\.rpm$/.test(path) ? 'srpm' : 'rpm', join(packages(), path))
    for (const name of await readdir(join(packages(), 'drpms'))) await upload('drpm', join(packages(), 'drpms', name))
    const folder = await temporaryFolder()
    for (const [type, text] of [
      ['package_category', groups],
      ['modulemd', modules],
      ['yum_repo_metadata_file', 'a certificate'],
    ] as const) {
      await writeFile(join(folder, type), text)
      await upload(type, join(folder, type), type.startsWith('yum') ? { data_type: 'productid' } : {})
    }
    await uploadErratum()
    requireFinished(await follow(server(), await server().client.publish('uploaded', 'yum_distributor')))
    const again = await makeMirror(server(), 'uploaded-again', { feed: url })
    await syncWell(server(), 'uploaded-again')
    const uploaded = await documentsOf(url)
    const { primary, filelists, other } = uploaded.packages
    const counts = [primary, filelists, other, uploaded.advisories, uploaded.groups, uploaded.deltas]
    assert.deepEqual(
      counts.map((all) => Object.keys(all).length),
      [...Array(3).fill(paths.length), 1, 5, 1],
    )
    assert.deepEqual(await documentsOf(again), uploaded)
  })

  /** Paths of the packages of upstream, in the order of their names. */
  async function packagePaths(): Promise<string[]> {
    const paths = (await filesBelow(packages())).filter((path) => /^(?!drpms\/).*\.rpm$/.test(path))
    return paths.toSorted((one, two) => (basename(one) < basename(two) ? -1 : 1))
  }

  async function upload(type: string, path: string, metadata = {}): Promise<void> {
    const [report] = await uploadPackage(server(), { repository: 'uploaded', type, path, metadata })
    assert.equal(report?.state, 'finished', JSON.stringify(report))
  }

  async function uploadErratum(): Promise<void> {
    const answer = await call(server(), 'POST', '/pulp/api/v2/content/uploads/', {})
    const { upload_id } = read(Type.Object({ upload_id: Type.String() }), answer)
    const lion = { name: 'lion', version: '2', release: '1', epoch: null, arch: 'noarch', src: null, sum: ['md5', '1'] }
    const metadata = {
      title: 'Größe <&>',
      type: 'security',
      updated: '2020-01-01 00:00:00',
      reboot_suggested: true,
      pkglist: [{ name: 'c', short: '', packages: [{ ...lion, filename: 'lion-2-1.noarch.rpm' }] }],
      references: [{ href: 'http://example.test', id: '1', type: 'bugzilla', title: null }],
    }
    const body = { upload_id, unit_type_id: 'erratum', unit_key: { id: 'A-1' }, unit_metadata: metadata }
    const path = '/pulp/api/v2/repositories/uploaded/actions/import_upload/'
    const [report] = await poll(server(), await call(server(), 'POST', path, body))
    assert.equal(report?.state, 'finished', JSON.stringify(report))
  }
})

/** What dnf tells a host that takes only packages signed with this key, and has an old bear until it upgrades. */
async function toldBy(url: string, key: string) {
  const dnf = await Dnf.with(`[m]\nname=m\nbaseurl=${url}\nenabled=1\ngpgcheck=1\ngpgkey=${key}\n`)
  const ask = async (...args: string[]) => {
    const { stdout, stderr, code } = await dnf.run('--quiet', platform, ...args)
    assert.equal(code, 0, stderr)
    return stdout
  }
  await ask('install', 'bear-1:1.0~rc1', 'odd-files', 'odd-triggers', 'zoo-base')
  const advisories = [await ask('updateinfo', 'list', '--all'), await ask('updateinfo', 'info', '--all')]
  await ask('upgrade')
  return {
    packages: await answersOf(dnf),
    changelogs: await dnf.repoquery('--changelogs'),
    advisories,
    groups: (await ask('group', 'info', '--hidden', '*')).split(/^(?=\S)/m).sort(),
    modules: await ask('module', 'info', 'zoo'),
    installed: await dnf.installed(),
  }
}
