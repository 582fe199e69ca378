import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { DeckleError } from '../../core/errors.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import { anRpm, servedAt, yumRepository } from '../../testing/repodata.ts'
import { SyncTrial, type UpstreamFiles } from '../../testing/sync-run.ts'
import { yumImporter } from './yum-importer.ts'

const list = 'http://lists.test/mirrorlist?repo=zoo&arch=x86_64'
const mirror = (name: string) => `https://${name}.test/zoo/`
const repomdOf = (name: string) => `${mirror(name)}repodata/repomd.xml`
const packages = [anRpm({ name: 'bear', href: 'Packages/bear.rpm' })]
const repository = await yumRepository({ packages })
const older = await yumRepository({ packages: [anRpm({ name: 'old' })] })
const at = (...names: string[]) => Object.assign({}, ...names.map((name) => servedAt(mirror(name), repository)))

function sync(files: UpstreamFiles, feed: string, remembered?: Json): Promise<SyncTrial<never>> {
  return (new SyncTrial(yumImporter, files) as SyncTrial<never>).run({ feed }, remembered)
}

const namesOf = (trial: { units: readonly { metadata: JsonObject }[] }) =>
  trial.units.map(({ metadata }) => metadata['name'])
const failure = (code: string, reason: RegExp) => (error: unknown) =>
  error instanceof DeckleError && error.details.code === code && reason.test(String(error.details.data?.['reason']))

describe('a feed that is a list of mirrors', () => {
  const text = `# zoo\n${mirror('a')}\n${mirror('b').slice(0, -1)}\n`

  it('is asked for as it stands, and read from its first mirror', async () => {
    const trial = await sync({ [list]: text, ...at('a', 'b') }, list)
    assert.deepEqual(trial.requests.slice(0, 2), [list, repomdOf('a')])
    assert.deepEqual(namesOf(trial), ['bear'])
    assert.ok(trial.requests.every((url) => url === list || url.startsWith(mirror('a'))))
  })

  for (const feed of [
    'http://lists.test/mirrorlist',
    'http://lists.test/zoo/mirrorlist.txt',
    'http://lists.test/metalink',
  ]) {
    it(`is read as a list first, where it looks like one: ${feed}`, async () => {
      assert.equal((await sync({ [feed]: text, ...at('a') }, feed)).requests[0], feed)
    })
  }

  it('is found also where it looks like a folder', async () => {
    const feed = 'http://lists.test/zoo.txt'
    const trial = await sync({ [feed]: text, ...at('a') }, feed)
    assert.deepEqual(trial.requests.slice(0, 3), [`${feed}/repodata/repomd.xml`, feed, repomdOf('a')])
    assert.deepEqual(namesOf(trial), ['bear'])
  })

  it('gives each file all mirrors as sources, five at most, from the one that answered on', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const trial = await sync({ [list]: names.map(mirror).join('\n'), ...at('b') }, list)
    const expected = ['b', 'c', 'd', 'e', 'f'].map((name) => `${mirror(name)}Packages/bear.rpm`)
    assert.deepEqual(trial.units[0]?.files[0]?.urls, expected)
  })

  it('gives a file that lies elsewhere its one source', async () => {
    const elsewhere = await yumRepository({ packages: [anRpm({ base: 'https://cdn.test/' })] })
    const files = { [list]: text, ...servedAt(mirror('a'), elsewhere) }
    assert.deepEqual((await sync(files, list)).units[0]?.files[0]?.urls, ['https://cdn.test/bear-4.1-1.noarch.rpm'])
  })

  for (const broken of [404, 500, '<html>', '']) {
    it(`passes over a mirror whose repomd.xml is ${JSON.stringify(broken)}`, async () => {
      const trial = await sync({ [list]: text, ...at('b'), [repomdOf('a')]: broken }, list)
      assert.deepEqual(trial.requests.slice(0, 3), [list, repomdOf('a'), repomdOf('b')])
      assert.deepEqual(namesOf(trial), ['bear'])
    })
  }

  it('takes a metadata file that one mirror lacks or has damaged from the next', async () => {
    for (const broken of [404, 'damaged']) {
      const files = { [list]: text, ...at('a', 'b') }
      const primary = Object.keys(files).find((url) => url.startsWith(mirror('a')) && url.includes('primary')) ?? ''
      const trial = await sync({ ...files, [primary]: broken }, list)
      assert.deepEqual(namesOf(trial), ['bear'])
      assert.ok(trial.requests.some((url) => url.startsWith(mirror('b')) && url.includes('primary')))
    }
  })

  it('fails with RPM1004 that names the mirrors when none is of use', async () => {
    await assert.rejects(
      sync({ [list]: text }, list),
      failure('RPM1004', /none of 2 mirrors.*a\.test.*404.*b\.test.*404/),
    )
  })

  it('asks ten mirrors, no more', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `m${index}`)
    const trial = new SyncTrial(yumImporter, { [list]: names.map(mirror).join('\n'), ...at('m11') })
    await assert.rejects(trial.run({ feed: list }), failure('RPM1004', /none of 10 mirrors/))
    assert.equal(trial.requests.length, 11)
  })

  it('costs two requests when nothing has changed, whichever mirror answers', async () => {
    const { remembered } = await sync({ [list]: text, ...at('a') }, list)
    const again = await sync({ [list]: `${mirror('b')}\n`, ...at('b') }, list, remembered)
    assert.deepEqual(again.requests, [list, repomdOf('b')])
    assert.deepEqual(again.units, [])
  })

  it('may turn out to be a plain repository after all', async () => {
    const feed = 'http://upstream.test/zoo/?token=1'
    const trial = await sync(servedAt('http://upstream.test/zoo/', repository), feed)
    assert.deepEqual(namesOf(trial), ['bear'])
  })

  it('fails with the reason of the list, where it looks like one and is neither', async () => {
    await assert.rejects(sync({ [list]: '# error: invalid repo' }, list), failure('RPM1006', /list of mirrors/))
    await assert.rejects(sync({}, list), failure('RPM1004', /the feed: .*404/))
    await assert.rejects(sync({ [list]: Buffer.alloc(1024 * 1024 + 1, '\n') }, list), failure('RPM1004', /too large/))
  })

  it('fails with the reason of the folder, where it looks like one and is neither', async () => {
    const feed = 'http://upstream.test/zoo'
    await assert.rejects(sync({ [feed]: '<html><a href="x"></html>' }, feed), failure('RPM1004', /repomd\.xml/))
  })

  it('ends at once when it is refused', async () => {
    const files = {
      get [list](): string {
        throw new DeckleError('invalid', 'refused')
      },
    }
    const trial = new SyncTrial(yumImporter, files)
    await assert.rejects(trial.run({ feed: list }), /refused/)
    assert.equal(trial.requests.length, 1)
  })
})

describe('a feed that is a metalink', () => {
  const feed = 'https://lists.test/metalink?repo=zoo'
  const repomd = repository['repodata/repomd.xml'] ?? assert.fail()
  const oldRepomd = older['repodata/repomd.xml'] ?? assert.fail()

  const version = (bytes: Buffer, type: string) =>
    `<size>${bytes.length}</size><verification><hash type="${type}">${createHash(type).update(bytes).digest('hex')}</hash></verification>`

  const metalink = (main: string, alternate = '') => `<?xml version="1.0"?>
<metalink version="3.0" xmlns="http://www.metalinker.org/" xmlns:mm0="http://fedorahosted.org/mirrormanager"><files>
<file name="repomd.xml">${main}<mm0:alternates><mm0:alternate>${alternate}</mm0:alternate></mm0:alternates><resources>
<url protocol="rsync" type="rsync" preference="100">rsync://a.test/zoo/repodata/repomd.xml</url>
<url protocol="https" type="https" preference="99">${repomdOf('a')}</url>
<url protocol="https" type="https" preference="100">${repomdOf('b')}</url>
<url protocol="https" type="https" preference="98">https://odd.test/somewhere.xml</url>
</resources></file></files></metalink>`

  it('is read from its preferred mirror', async () => {
    const trial = await sync({ [feed]: metalink(version(repomd, 'sha256')), ...at('a', 'b') }, feed)
    assert.deepEqual(trial.requests.slice(0, 2), [feed, repomdOf('b')])
    const expected = [mirror('b'), mirror('a')].map((base) => `${base}Packages/bear.rpm`)
    assert.deepEqual(trial.units[0]?.files[0]?.urls, expected)
  })

  it('passes over a mirror that has another repomd.xml than it says', async () => {
    const files = { [feed]: metalink(version(repomd, 'sha512')), ...at('a'), ...servedAt(mirror('b'), older) }
    const trial = await sync(files, feed)
    assert.deepEqual(trial.requests.slice(0, 3), [feed, repomdOf('b'), repomdOf('a')])
    assert.deepEqual(namesOf(trial), ['bear'])
  })

  it('takes a mirror that lags behind, as long as it is known what it lags behind with', async () => {
    const lagging = metalink(version(repomd, 'sha256'), version(oldRepomd, 'sha256'))
    const trial = await sync({ [feed]: lagging, ...servedAt(mirror('b'), older) }, feed)
    assert.deepEqual(namesOf(trial), ['old'])
  })

  it('takes any repomd.xml when it states no checksum', async () => {
    const trial = await sync({ [feed]: metalink(''), ...servedAt(mirror('b'), older) }, feed)
    assert.deepEqual(namesOf(trial), ['old'])
  })

  it('fails with RPM1004 when no mirror has what it says', async () => {
    const files = { [feed]: metalink(version(Buffer.from('other'), 'sha256')), ...at('a', 'b') }
    await assert.rejects(sync(files, feed), failure('RPM1004', /none of 2 mirrors.*metalink/))
  })

  it('fails with RPM1006 when it names no repository', async () => {
    const odd = metalink('').replaceAll('/repodata/repomd.xml', '/index.xml')
    await assert.rejects(sync({ [feed]: odd }, feed), failure('RPM1006', /names no mirror/))
  })
})
