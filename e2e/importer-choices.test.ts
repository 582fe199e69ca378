import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onOneDatabase } from '../src/testing/databases.ts'
import { UpstreamServer } from '../src/testing/upstream-server.ts'
import { makeMirror, syncWell } from './support/mirrors.ts'
import { NastyUpstream } from './support/nasty-upstreams/nasty-upstream.ts'
import { listPublished, publishedChecksums, sha256 } from './support/published.ts'
import { sharedServer } from './support/servers.ts'

/** All that an upstream can have that is no package, one of each. */
const others = {
  erratum: 1,
  package_group: 1,
  package_category: 1,
  package_environment: 1,
  package_langpacks: 1,
  modulemd: 1,
  modulemd_defaults: 1,
  distribution: 1,
  yum_repo_metadata_file: 1,
}
const packages = { rpm: 3, srpm: 1 }
const everything = { ...packages, ...others }

onOneDatabase('the importer of a yum repository takes', (fresh) => {
  const server = sharedServer(fresh)

  async function countsOf(id: string): Promise<Readonly<Record<string, number>>> {
    return (await server().client.repository(id)).content_unit_counts
  }

  test('all types but those that are skipped', async () => {
    const { feed } = await fullUpstream()
    await makeMirror(server(), 'everything', { feed })
    await syncWell(server(), 'everything')
    assert.deepEqual(await countsOf('everything'), everything)
    // The other types are those of one file each, so that one sync tells of them all.
    for (const [index, skipped] of [['rpm'], ['srpm'], Object.keys(others), evenOnes(), oddOnes()].entries()) {
      const id = `skip-${index}`
      await makeMirror(server(), id, { feed, type_skip_list: skipped })
      await syncWell(server(), id)
      const expected = Object.entries(everything).filter(([type]) => !skipped.includes(type))
      assert.deepEqual(await countsOf(id), Object.fromEntries(expected), skipped.join())
    }
  })

  test('so many old builds as it is told, and drops those that upstream has no more', async () => {
    const upstream = await NastyUpstream.start()
    const builds = (...versions: readonly string[]) =>
      versions.map((version) => upstream.newPackage({ name: 'bear', version }))
    const [one, two, three, ten] = builds('1', '2', '3', '10')
    upstream.list([two, ten, one, three].filter((build) => build !== undefined))
    upstream.publish()
    const url = await makeMirror(server(), 'retain', {
      feed: upstream.feed,
      retain_old_count: '1',
      remove_missing: true,
    })
    await syncWell(server(), 'retain')
    assert.deepEqual(await versionsAt(url), ['10', '3'])
    upstream.list([one, two].filter((build) => build !== undefined))
    upstream.publish()
    await syncWell(server(), 'retain')
    assert.deepEqual(await versionsAt(url), ['1', '2'])
  })

  test('so many old builds as it is told, of those too that upstream has no more', async () => {
    const upstream = await NastyUpstream.start()
    const builds = ['1', '2', '3', '4'].map((version) => upstream.newPackage({ name: 'bear', version }))
    const listed = async (...versions: readonly number[]) => {
      upstream.list(versions.flatMap((version) => builds[version - 1] ?? []))
      upstream.publish()
      await syncWell(server(), 'growing')
      return versionsAt(url)
    }
    const importer = { feed: upstream.feed, retain_old_count: 1, download_policy: 'on_demand' }
    const url = await makeMirror(server(), 'growing', importer)
    assert.deepEqual(await listed(1, 2), ['1', '2'])
    assert.deepEqual(await listed(3), ['2', '3'], 'the newest of what both have')
    assert.deepEqual(await listed(1, 2), ['2', '3'])
    assert.deepEqual(await listed(4), ['3', '4'])
  })

  test('what a metalink vouches for, from the next mirror where one has something else', async () => {
    const [wrong, right] = [await NastyUpstream.start(), await NastyUpstream.start()]
    wrong.publish()
    right.publish()
    const repomd = Buffer.from(await (await fetch(`${right.feed}repodata/repomd.xml`)).arrayBuffer())
    const lists = await UpstreamServer.start({ '/metalink': metalink(repomd, [wrong.feed, right.feed]) })
    const url = await makeMirror(server(), 'linked', { feed: lists.url('/metalink?repo=zoo') })
    await syncWell(server(), 'linked')
    assert.deepEqual(await publishedChecksums(url), right.soundFiles([]))
    assert.ok(wrong.server.paths.every((path) => !path.endsWith('.rpm')))
  })
})

function evenOnes(): string[] {
  return Object.keys(others).filter((_, index) => index % 2 === 0)
}

function oddOnes(): string[] {
  return Object.keys(others).filter((_, index) => index % 2 === 1)
}

async function fullUpstream(): Promise<NastyUpstream> {
  const upstream = await NastyUpstream.start()
  upstream.add({ name: 'source', arch: 'src' })
  upstream.edit('group', (text) =>
    text.replace(
      '</comps>',
      '<category><id>c</id><grouplist><groupid>tools</groupid></grouplist></category>' +
        '<environment><id>e</id><grouplist><groupid>tools</groupid></grouplist></environment>' +
        '<langpacks><match name="alpha" install="alpha-%s"/></langpacks></comps>',
    ),
  )
  upstream.edit(
    'modules',
    (text) => `${text}---\ndocument: modulemd-defaults\nversion: 1\ndata:\n  module: tools\n  stream: "1"\n`,
  )
  upstream.set('productid', 'a product')
  upstream.reply(
    'treeinfo',
    `[general]\nfamily = Zoo\nversion = 1\narch = noarch\n[checksums]\nboot.iso = sha256:${sha256(Buffer.from('boot'))}\n`,
  )
  upstream.reply('boot.iso', 'boot')
  upstream.publish()
  return upstream
}

async function versionsAt(url: string): Promise<string[]> {
  return (await listPublished(url)).map(({ href }) => /bear-(\d+)-/.exec(href)?.[1] ?? href).sort()
}

function metalink(repomd: Buffer, feeds: readonly string[]): string {
  const urls = feeds.map(
    (feed, index) => `<url protocol="http" preference="${100 - index}">${feed}repodata/repomd.xml</url>`,
  )
  return `<metalink version="3.0" xmlns="http://www.metalinker.org/"><files><file name="repomd.xml"><size>${repomd.length}</size>
<verification><hash type="sha256">${sha256(repomd)}</hash></verification><resources>${urls.join('')}</resources></file></files></metalink>`
}
