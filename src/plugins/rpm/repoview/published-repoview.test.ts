import assert from 'node:assert/strict'
import { posix } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { JsonObject } from '../../../core/json.ts'
import { PublishTrial } from '../../../testing/publish-run.ts'
import { anRpm, servedAt, type TestPackage, yumRepository } from '../../../testing/repodata.ts'
import { SyncTrial } from '../../../testing/sync-run.ts'
import { yumDistributor } from '../yum-distributor.ts'
import { yumImporter } from '../yum-importer.ts'
import { pageName } from './page-name.ts'

const base = 'http://upstream.test/'
const comps = `<comps><group><id>the zoo/1</id><name>Zoo &amp; co</name><description>All &lt;animals&gt;</description>
  <packagelist><packagereq type="mandatory">bear</packagereq><packagereq type="conditional" requires="x">Cat</packagereq>
  <packagereq>gone</packagereq></packagelist></group>
  <group><id>empty</id><name>Empty</name><packagelist><packagereq>gone</packagereq></packagelist></group></comps>`

async function unitsOf(packages: readonly TestPackage[]) {
  const record = '<data type="group"><location href="repodata/c.xml"/></data>'
  const files = { ...(await yumRepository({ packages, moreRecords: record })), 'repodata/c.xml': Buffer.from(comps) }
  return (await new SyncTrial(yumImporter, servedAt(base, files)).run({ feed: base })).units
}

async function publish(packages: readonly TestPackage[], config: JsonObject = {}, repository?: string) {
  const wanted = { relative_url: 'zoo', http: true, https: true, repoview: true, ...config }
  return new PublishTrial(yumDistributor, await unitsOf(packages)).run(wanted, undefined, repository)
}

function pagesOf({ files }: Awaited<ReturnType<typeof publish>>): ReadonlyMap<string, string> {
  const own = [...files].filter(([path]) => path.startsWith('repoview/'))
  return new Map(own.map(([path, bytes]) => [path.slice('repoview/'.length), bytes.toString()]))
}

const packages = [
  anRpm({ name: 'bear', version: '9', summary: '<script>alert("old")</script>' }),
  anRpm({ name: 'bear', version: '10', summary: '<script>alert("new")</script>', changelog: ['- <b>one</b>'] }),
  anRpm({ name: 'bear', version: '10', arch: 'x86_64' }),
  anRpm({ name: 'Cat', epoch: '2', description: 'a\n & b' }),
  anRpm({ name: '../../é', version: '1', href: 'e.rpm' }),
]

describe('the pages of a repository', () => {
  it('are an index, and a page for each letter, group and package name', async () => {
    const pages = pagesOf(await publish(packages))
    assert.deepEqual([...pages.keys()].sort(), [
      'groups/the=20zoo=2f1.html',
      'index.html',
      'letters/B.html',
      'letters/C.html',
      'letters/other.html',
      'packages/..=2f..=2f=c3=a9.html',
      'packages/Cat.html',
      'packages/bear.html',
      'style.css',
    ])
    assert.match(pages.get('index.html') ?? '', /5 builds of 3 packages/)
    const group = pages.get('groups/the=20zoo=2f1.html') ?? ''
    assert.match(group, /<h1>Zoo &amp; co<\/h1>/)
    assert.match(group, /All &lt;animals&gt;/)
    assert.deepEqual(
      [...group.matchAll(/packages\/(\w+)\.html/g)].map(([, name]) => name),
      ['Cat', 'bear'],
    )
  })

  it('show all builds of a package, the newest first, with what changed in it', async () => {
    const page = pagesOf(await publish(packages, { packages_directory: true })).get('packages/bear.html') ?? ''
    const builds = [...page.matchAll(/href="([^"]+rpm)">([^<]+)<\/a><\/td><td>(\w+)</g)].map((found) => found.slice(1))
    assert.deepEqual(builds, [
      ['../../Packages/b/bear-10-1.noarch.rpm', '10-1', 'noarch'],
      ['../../Packages/b/bear-10-1.x86_64.rpm', '10-1', 'x86_64'],
      ['../../Packages/b/bear-9-1.noarch.rpm', '9-1', 'noarch'],
    ])
    assert.match(page, /2011-03-13 A &lt;a@example.test&gt; - 1<\/dt><dd><div class="text">- &lt;b&gt;one&lt;\/b&gt;</)
    assert.match(pagesOf(await publish(packages)).get('packages/Cat.html') ?? '', />2:4\.1-1</)
  })

  it('run nothing, whatever upstream says, and need nothing from elsewhere', async () => {
    for (const [path, text] of pagesOf(await publish(packages))) {
      assert.doesNotMatch(text, /<script|<b>|javascript:| on\w+=/i, path)
      assert.doesNotMatch(text, /(?:src|<link [^>]*href)="(?:https?:|\/)/, path)
    }
  })

  it('lead to pages and packages only that are there', async () => {
    const trial = await publish(packages)
    const pages = pagesOf(trial)
    const known = new Set([...trial.files.keys(), ...packages.map(({ href }) => href)])
    for (const [path, text] of pages) {
      for (const [, href = ''] of text.matchAll(/href="([^"]+)"/g)) {
        if (href.startsWith('http')) continue
        const target = posix.join('repoview', posix.dirname(path), decodeURIComponent(href))
        assert.ok(known.has(target), `${path} leads to ${target}`)
      }
    }
  })

  it('are the same for the same packages, of whatever repository', async () => {
    const again = await publish(packages.toReversed(), {}, 'another')
    assert.deepEqual(pagesOf(again), pagesOf(await publish(packages)))
  })

  it('are there for no packages too, and leave out types that are skipped', async () => {
    assert.deepEqual([...pagesOf(await publish([])).keys()], ['style.css', 'index.html'])
    const pages = pagesOf(await publish(packages, { skip: ['package_group'] }))
    assert.equal(
      [...pages.keys()].some((path) => path.startsWith('groups/')),
      false,
    )
  })

  it('have a step of their own in the report', async () => {
    const { steps } = await publish(packages)
    const step = steps.find(({ name }) => name === 'repoview')
    assert.deepEqual([step?.state, step?.total, step?.done], ['finished', 5, 5])
  })
})

describe('the name of a page', () => {
  it('is safe in paths and addresses, and another one for another name', () => {
    const names = fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { maxLength: 4 })
    fc.assert(
      fc.property(names, (all) => {
        const pages = all.map(pageName)
        for (const page of pages) assert.match(page, /^[A-Za-z0-9._+=-]{0,150}$/)
        assert.equal(new Set(pages).size, new Set(all.map((name) => Buffer.from(name).toString())).size)
      }),
    )
  })
})
