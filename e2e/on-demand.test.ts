import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { clientPath } from '../src/testing/clients.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { builtRepository } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { makeFilesMirror, makeMirror, syncWell } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { succeed } from './support/programs.ts'
import { fetchBytes, sha256 } from './support/published.ts'
import { fileNameOf, type PackageSpec } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

const wanted: PackageSpec = { name: 'wanted', bytes: 200_000 }
const packages: PackageSpec[] = [wanted, { name: 'large', bytes: 3_000_000 }, { name: 'other' }]
const large = randomBytes(2_250_000).toString('base64')
const _builders = requireClients('rpmbuild', 'createrepo_c')

onOneDatabase('a mirror whose files are fetched on demand', (fresh) => {
  const folder = builtRepository(packages)
  const server = sharedServer(fresh)

  test(
    'gives dnf what it installs and fetches nothing else',
    requireClients('rpmbuild', 'createrepo_c', 'dnf'),
    async () => {
      const upstream = await FolderUpstream.of(folder())
      const url = await makeMirror(server(), 'dnf', { feed: upstream.feed, download_policy: 'on_demand' })
      await syncWell(server(), 'dnf')
      const dnf = await Dnf.at(url)
      assert.deepEqual(await upstream.requestsOf(() => dnf.run('makecache')), [])
      const requests = await upstream.requestsOf(() => dnf.install('wanted'))
      assert.deepEqual(requests, [fileNameOf(wanted)])
      assert.deepEqual(await dnf.installed(), ['wanted-1.0-1'])
      const again = await upstream.requestsOf(async () => {
        assert.equal(await lookup(url + fileNameOf(wanted)), 'HIT')
      })
      assert.deepEqual(again, [])
    },
  )

  test('fetches a file once for many clients, which all get it whole', async () => {
    const { upstream, url } = await filesMirror('many', { large })
    const requests = await upstream.requestsOf(async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => fetchBytes(`${url}large`)))
      for (const bytes of answers) assert.equal(sha256(bytes), sha256(Buffer.from(large)))
    })
    assert.deepEqual(requests, ['large'])
  })

  test('answers curl: a file, its head without a fetch, and a part of it', requireClients('curl'), async () => {
    const { upstream, url } = await filesMirror('curl', { large, small: 'small', part: large })
    const curl = async (...args: string[]) => (await succeed(clientPath('curl'), ['-sSf', ...args])).stdout
    const head = await upstream.requestsOf(async () => {
      assert.match(await curl('-I', `${url}large`), new RegExp(`content-length: ${large.length}`, 'i'))
    })
    assert.deepEqual(head, [])
    assert.equal(await curl(`${url}small`), 'small')
    assert.equal(await curl('-r', '10-19', `${url}part`), large.slice(10, 20))
    const file = join(await temporaryFolder(), 'large')
    await curl('-o', file, `${url}large`)
    assert.equal(await readFile(file, 'utf8'), large)
    assert.equal(await lookup(`${url}large`), 'HIT')
  })

  test('says clearly that its upstream is gone, and serves what is stored', async () => {
    const { upstream, url } = await filesMirror('gone', { stored: 'stored', missing: 'missing' })
    await fetchBytes(`${url}stored`)
    await upstream.server.close()
    const refused = await fetch(`${url}missing`)
    assert.equal(refused.status, 502)
    assert.match(await refused.text(), /not stored and could not be fetched: upstream cannot be reached/)
    assert.equal((await fetchBytes(`${url}stored`)).toString(), 'stored')
    assert.equal((await fetch(`${url}missing`, { method: 'HEAD' })).status, 200)
  })

  async function filesMirror(id: string, texts: Record<string, string>) {
    const folder = await temporaryFolder()
    await writePlainFiles(folder, texts)
    const upstream = await FolderUpstream.of(folder)
    const url = await makeFilesMirror(server(), id, { feed: upstream.feed, download_policy: 'on_demand' })
    await syncWell(server(), id)
    return { upstream, url }
  }
})

/** Gets a file and tells whether it was stored. */
async function lookup(url: string): Promise<string | null> {
  const response = await fetch(url)
  assert.equal(response.status, 200)
  await response.arrayBuffer()
  return response.headers.get('x-cache-lookup')
}
