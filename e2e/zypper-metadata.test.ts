import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { builtPackages } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { makeMirror, syncWell } from './support/mirrors.ts'
import { fetchBytes, recordsOf } from './support/published.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { copyPackages, type PackageSpec } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'
import { Zypper } from './support/zypper.ts'

const bear = (version: string): PackageSpec => ({ name: 'bear', version, epoch: 3, bytes: 30_000 })
const [ant, older, newer] = [{ name: 'ant' }, bear('1'), bear('2')]
const updateinfo = `<?xml version="1.0"?>
<updates><update from="x@example.test" status="final" type="security" version="1"><id>A-1</id>
  <title>Ants</title><issued date="2020-01-01 01:01:01"/><pkglist><collection short="c"><name>all</name>
  <package name="ant" version="1.0" release="1" epoch="0" arch="noarch"><filename>ant-1.0-1.noarch.rpm</filename></package>
  </collection></pkglist></update></updates>`

onOneDatabase('metadata for zypper', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'modifyrepo_c', 'makedeltarpm', 'zypper', 'rpm')
  const server = sharedServer(fresh)
  const built = builtPackages([ant, older, newer])

  async function holding(...packages: readonly PackageSpec[]): Promise<string> {
    const folder = await temporaryFolder()
    await copyPackages(built(), folder, packages)
    return folder
  }

  async function mirrored(id: string, folder: string, config: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const url = await makeMirror(server(), id, { feed: (await FolderUpstream.of(folder)).feed }, config)
    await syncWell(server(), id)
    return url
  }

  test('in zstd is read, packages and advisories', clients, async () => {
    const folder = await holding(ant, newer)
    await writeMetadata(folder, { files: { updateinfo } })
    const url = await mirrored('zstd', folder, { metadata_compression: 'zstd' })
    const records = recordsOf((await fetchBytes(`${url}repodata/repomd.xml`)).toString())
    assert.deepEqual([...records.keys()].sort(), ['filelists', 'other', 'primary', 'updateinfo'])
    for (const { href } of records.values()) assert.match(href, /\.zst$/)
    const zypper = await Zypper.at(url)
    await zypper.run('refresh')
    const { stdout } = await zypper.run('--xmlout', 'search', '--details', '--type', 'package')
    assert.deepEqual(stdout.match(/name="\w+"/g)?.sort(), ['name="ant"', 'name="bear"'])
    const patches = await zypper.run('patches')
    assert.match(patches.stdout, / A-1 +\| security/)
    await zypper.run('install', 'ant')
    assert.deepEqual(await zypper.installed(), ['ant'])
  })

  /** A repository whose deltas are listed as SUSE lists them. */
  async function withDeltaInfo(): Promise<string> {
    const [folder, old] = [await holding(newer), await holding(older)]
    await writeMetadata(folder, { olderBuilds: old })
    const { feed } = await FolderUpstream.of(folder)
    const record = recordsOf((await fetchBytes(`${feed}repodata/repomd.xml`)).toString()).get('prestodelta')
    const prestodelta = gunzipSync(await fetchBytes(feed + record?.href)).toString()
    await writeMetadata(folder, { files: { deltainfo: prestodelta.replaceAll('prestodelta>', 'deltainfo>') } })
    return folder
  }

  test('tells the deltas of deltainfo, which it tries, and updates all the same', clients, async () => {
    const old = await holding(older)
    await writeMetadata(old)
    const folder = await withDeltaInfo()
    const url = await mirrored('deltas', folder)
    const records = recordsOf((await fetchBytes(`${url}repodata/repomd.xml`)).toString())
    assert.ok(records.has('prestodelta') && !records.has('deltainfo'))

    const zypper = await Zypper.at((await FolderUpstream.of(old)).feed)
    await zypper.run('install', 'bear')
    await zypper.run('addrepo', '--no-gpgcheck', url, 'new')
    await zypper.run('addrepo', '--no-gpgcheck', (await FolderUpstream.of(folder)).feed, 'upstream')
    await zypper.run('refresh')
    const [known, expected] = [await zypper.deltasOf('new'), await zypper.deltasOf('upstream')]
    assert.match(known, /delta:locname: bear[\s\S]*delta:locevr: 1-1_2-1[\s\S]*delta:baseevr: 3:1-1/)
    assert.equal(known, expected)
    await zypper.run('modifyrepo', '--disable', 'upstream')
    const log = await zypper.logOf('update')
    assert.match(log, /tryDelta DeltaRpm\[bear-3:2-1\.noarch\]\(\[1\]\.\/drpms\/bear-1-1_2-1\.noarch\.drpm/)
    assert.deepEqual(await zypper.installed('%{NAME}-%{VERSION}'), ['bear-2'])
  })
})
