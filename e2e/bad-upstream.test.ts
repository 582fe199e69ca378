import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { builtPackages } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { makeMirror, sync, syncWell } from './support/mirrors.ts'
import { listPublished, metadataOf, publishedChecksums, recordsOf, sha256, statusOf } from './support/published.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { copyPackages, fileNameOf, type PackageSpec } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

const packages: PackageSpec[] = ['alpha', 'beta', 'gamma', 'delta'].map((name) => ({ name, bytes: 4_000 }))
/** The bad ones; one a test, since what the server has already is not fetched again. */
const missing: PackageSpec = { name: 'missing' }
const wrong: PackageSpec = { name: 'wrong' }
const short: PackageSpec = { name: 'short', bytes: 4_000 }
const arrival: PackageSpec = { name: 'epsilon' }

type Spoil = (upstream: FolderUpstream, primary: string) => void

/** What an upstream can do wrong with its metadata, and what the error must speak of. */
const faults: readonly { title: string; message: RegExp; spoil: Spoil }[] = [
  {
    title: 'is gone',
    message: /repomd\.xml/,
    spoil: (upstream) => upstream.fail('repodata/repomd.xml', { status: 404 }),
  },
  {
    title: 'is a web page',
    message: /repomd\.xml/,
    spoil: (upstream) => upstream.fail('repodata/repomd.xml', '<html><body>Welcome!<br></body></html>'),
  },
  {
    title: 'ends in the middle',
    message: /repomd\.xml/,
    spoil: (upstream) => upstream.fail('repodata/repomd.xml', upstream.read('repodata/repomd.xml').subarray(0, 400)),
  },
  {
    title: 'lacks a file that it names',
    message: /primary/,
    spoil: (upstream, primary) => upstream.fail(primary, { status: 404 }),
  },
  {
    title: 'has another checksum than it says',
    message: /primary.*(checksum|sha256)|(checksum|sha256).*primary/i,
    spoil: (upstream, primary) => upstream.fail(primary, { body: upstream.read(primary), corrupt: true }),
  },
  {
    title: 'is cut off in transfer',
    message: /primary/,
    spoil: (upstream, primary) => upstream.fail(primary, { body: upstream.read(primary), truncateAfter: 100 }),
  },
  {
    title: 'was compressed only in part',
    message: /primary/,
    spoil: (upstream, primary) => replaceMetadata(upstream, primary, upstream.read(primary).subarray(0, -30)),
  },
  {
    title: 'is broken XML',
    message: /primary/,
    spoil: (upstream, primary) => rewriteMetadata(upstream, primary, (text) => text.replace('</package>', '</pack>')),
  },
  {
    title: 'announces more packages than it has',
    message: /primary/,
    spoil: (upstream, primary) =>
      rewriteMetadata(upstream, primary, (text) => text.replace('packages="5"', 'packages="6"')),
  },
]

onOneDatabase('a sync', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c')
  const server = sharedServer(fresh)
  const built = builtPackages([...packages, arrival, missing, wrong, short])

  async function upstreamOf(specs: readonly PackageSpec[]): Promise<{ folder: string; upstream: FolderUpstream }> {
    const folder = await temporaryFolder()
    await copyPackages(built(), folder, specs)
    await writeMetadata(folder)
    return { folder, upstream: await FolderUpstream.of(folder) }
  }

  test('of an upstream that lacks a package has all others, and names the one', clients, async () => {
    const { upstream } = await upstreamOf([...packages, missing])
    upstream.fail(fileNameOf(missing), { status: 404 })
    const url = await makeMirror(server(), 'lacking', { feed: upstream.feed })
    assert.deepEqual(badIn(await syncWell(server(), 'lacking')), ['missing'])
    assert.deepEqual(await namesIn(url), packages.map(fileNameOf).sort())
    await upstream.update()
    await syncWell(server(), 'lacking')
    assert.deepEqual(await namesIn(url), [...packages, missing].map(fileNameOf).sort(), 'the next sync tries again')
  })

  for (const { title, bad, fault } of [
    { title: 'has another package than its metadata says', bad: wrong, fault: { corrupt: true } },
    { title: 'breaks off in a package', bad: short, fault: { truncateAfter: 1_000 } },
  ]) {
    test(`of an upstream that ${title} has all others, and names the one`, clients, async () => {
      const { upstream } = await upstreamOf([...packages, bad])
      upstream.fail(fileNameOf(bad), { body: upstream.read(fileNameOf(bad)), ...fault })
      const url = await makeMirror(server(), bad.name, { feed: upstream.feed })
      assert.deepEqual(badIn(await syncWell(server(), bad.name)), [bad.name])
      const expected = packages.map(fileNameOf).sort()
      assert.deepEqual(
        await publishedChecksums(url),
        Object.fromEntries(expected.map((name) => [name, upstream.sha256(name)])),
      )
      assert.equal(await statusOf(url + fileNameOf(bad)), 404)
    })
  }

  for (const [index, { title, message, spoil }] of faults.entries()) {
    test(
      `of metadata that ${title} ends in an error with its reason, and nothing that is published changes`,
      clients,
      async () => {
        const { folder, upstream } = await upstreamOf(packages)
        const id = `spoilt-${index}`
        const url = await makeMirror(server(), id, { feed: upstream.feed })
        await syncWell(server(), id)
        const before = await metadataOf(url)
        await copyPackages(built(), folder, [arrival])
        await writeMetadata(folder)
        await upstream.update()
        spoil(upstream, hrefOf(upstream, 'primary'))
        const tasks = await sync(server(), id)
        assert.deepEqual(
          tasks.map(({ state }) => state),
          ['error'],
          'nothing is published',
        )
        assert.match(tasks[0]?.error?.description ?? '', message)
        assert.deepEqual(await metadataOf(url), before)
        await upstream.update()
        await syncWell(server(), id)
        assert.equal((await listPublished(url)).length, packages.length + 1)
      },
    )
  }
})

async function namesIn(url: string): Promise<string[]> {
  return (await listPublished(url)).map(({ href }) => href.replace(/^.*\//, '')).sort()
}

/** The packages that the report of a sync gives as bad (pulp2-types §5.4). */
function badIn(tasks: Awaited<ReturnType<typeof sync>>): string[] {
  const report = tasks[0]?.progress_report['yum_importer'] as YumReport
  assert.equal(report.content.state, 'FINISHED')
  return report.content.error_details.map((entry) => entry.unit_key?.name ?? entry.name?.split('-')[0] ?? '')
}

interface YumReport {
  readonly content: {
    readonly state: string
    readonly error_details: readonly { readonly name?: string; readonly unit_key?: { readonly name: string } }[]
  }
}

function hrefOf(upstream: FolderUpstream, type: string): string {
  const href = recordsOf(upstream.read('repodata/repomd.xml').toString()).get(type)?.href
  assert.ok(href)
  return href
}

function rewriteMetadata(upstream: FolderUpstream, path: string, change: (text: string) => string): void {
  const text = gunzipSync(upstream.read(path)).toString()
  const changed = change(text)
  assert.notEqual(changed, text)
  replaceMetadata(upstream, path, gzipSync(changed))
}

/** Serves other bytes in the place of a metadata file, with a repomd.xml that agrees with them. */
function replaceMetadata(upstream: FolderUpstream, path: string, bytes: Buffer): void {
  const records = upstream
    .read('repodata/repomd.xml')
    .toString()
    .split(/(?=<data )/)
  const repomd = records.map((record) => (record.includes(path) ? describing(record, bytes) : record)).join('')
  upstream.fail('repodata/repomd.xml', repomd)
  upstream.fail(path, bytes)
}

function describing(record: string, bytes: Buffer): string {
  return record
    .replace(/<checksum type="sha256">\w+</, `<checksum type="sha256">${sha256(bytes)}<`)
    .replace(/<open-checksum.*<\/open-checksum>/, '')
    .replace(/<open-size>.*<\/open-size>/, '')
    .replace(/<size>\d+</, `<size>${bytes.length}<`)
}
