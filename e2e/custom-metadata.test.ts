import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { clientPath } from '../src/testing/clients.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream, filesBelow } from './support/folder-upstream.ts'
import { countsOf, follow, makeMirror, syncWell } from './support/mirrors.ts'
import { uploadPackage } from './support/package-uploads.ts'
import { succeed } from './support/programs.ts'
import { fetchBytes, recordsOf, sha256 } from './support/published.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { buildPackages } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

/** Lists a file of this type in the repomd.xml of a folder. */
async function addMetadata(folder: string, type: string, text: string, ...options: string[]): Promise<void> {
  const path = join(await temporaryFolder(), type)
  await writeFile(path, text)
  await succeed(clientPath('modifyrepo_c'), [`--mdtype=${type}`, ...options, path, join(folder, 'repodata')])
}

async function recordOf(url: string, type: string): Promise<{ href: string; sha256: string } | undefined> {
  return recordsOf((await fetchBytes(`${url}repodata/repomd.xml`)).toString()).get(type)
}

onOneDatabase('custom metadata', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'modifyrepo_c', 'dnf', 'rpm')
  const server = sharedServer(fresh)
  const publish = async (id: string) =>
    requireFinished(await follow(server(), await server().client.publish(id, 'yum_distributor')))

  test('is served byte for byte, under its name, on demand too, and goes with copies', clients, async () => {
    const folder = await temporaryFolder()
    await buildPackages(folder, [{ name: 'bear' }])
    await writeMetadata(folder, { database: true })
    await addMetadata(folder, 'productid', 'a certificate\n')
    await addMetadata(folder, 'app-data', 'plain\n', '--no-compress')
    const upstream = await FolderUpstream.of(folder)
    const url = await makeMirror(server(), 'custom', { feed: upstream.feed, download_policy: 'on_demand' })
    // The package and two files; databases are made of what is mirrored anyway.
    assert.deepEqual(countsOf(await syncWell(server(), 'custom')), { added: 3, updated: 0, removed: 0 })
    const copied = await makeMirror(server(), 'copied', {})
    requireFinished(await follow(server(), await server().client.copyUnits('custom', 'copied')))
    await publish('copied')
    const second = await makeMirror(server(), 'custom-again', { feed: url })
    await syncWell(server(), 'custom-again')
    for (const place of [url, copied, second]) {
      for (const type of ['productid', 'app-data']) {
        const record = await recordOf(place, type)
        assert.deepEqual(record, await recordOf(upstream.feed, type))
        assert.ok(record !== undefined)
        assert.equal(sha256(await fetchBytes(place + record.href)), record.sha256)
      }
      assert.equal(await recordOf(place, 'primary_db'), undefined)
    }
    const [synced, dnf] = [await temporaryFolder(), await Dnf.at(url)]
    await dnf.reposync(synced)
    assert.deepEqual((await filesBelow(synced)).filter((path) => /productid|app-data/.test(path)).length, 2)

    await addMetadata(folder, 'productid', 'another certificate\n')
    await upstream.update()
    assert.deepEqual(countsOf(await syncWell(server(), 'custom')), { added: 0, updated: 1, removed: 0 })
    const { href = '' } = (await recordOf(url, 'productid')) ?? {}
    assert.equal(gunzipSync(await fetchBytes(url + href)).toString(), 'another certificate\n')
  })

  test('that is uploaded is served', clients, async () => {
    const url = await makeMirror(server(), 'uploaded', {})
    const path = join(await temporaryFolder(), 'productid')
    for (const text of ['first', 'second']) {
      await writeFile(path, text)
      const metadata = { data_type: 'productid', checksum_type: 'sha256', checksum: sha256(Buffer.from(text)) }
      const [report] = await uploadPackage(server(), {
        repository: 'uploaded',
        type: 'yum_repo_metadata_file',
        path,
        metadata,
      })
      assert.equal(report?.state, 'finished', JSON.stringify(report))
      await publish('uploaded')
      const record = await recordOf(url, 'productid')
      assert.deepEqual(record, { href: 'repodata/productid', sha256: metadata.checksum })
      assert.equal((await fetchBytes(`${url}repodata/productid`)).toString(), text)
    }
  })
})
