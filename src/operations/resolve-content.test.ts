import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { Visitor } from '../core/content-access.ts'
import { sha256Hex } from '../core/digest.ts'
import { silentLog } from '../core/log.ts'
import { contentPlugins } from '../testing/content-plugins.ts'
import { MemoryPublishedContent } from '../testing/memory-published-content.ts'
import type { ContentAnswer } from './content-answer.ts'
import { ContentResolver } from './resolve-content.ts'

const zoo = '/pulp/repos/zoo'
const plain: Visitor = { protocol: 'http', chain: () => [] }

describe('ContentResolver', () => {
  let content: MemoryPublishedContent
  let resolver: ContentResolver

  beforeEach(async () => {
    content = new MemoryPublishedContent()
    resolver = await ContentResolver.open({ content, plugins: contentPlugins, log: silentLog })
  })
  afterEach(() => resolver.close())

  const show = async (path: string): Promise<string> => showAnswer(await resolver.resolve(path, plain))

  it('finds a publication that nobody told of: a miss is never answered from memory', async () => {
    content.publish(zoo, { 'repodata/repomd.xml': 'one' })
    assert.equal(await show(`${zoo}/repodata/repomd.xml`), digest('one'))
  })

  it('finds what only a newer publication has, although it was not told of the switch', async () => {
    content.publish(zoo, { 'repomd.xml': 'one', 'one.gz': '1' })
    assert.equal(await show(`${zoo}/repomd.xml`), digest('one'))
    content.publish(zoo, { 'repomd.xml': 'two', 'two.gz': '2' })
    assert.equal(await show(`${zoo}/two.gz`), digest('2'))
    assert.equal(await show(`${zoo}/repomd.xml`), digest('two'))
  })

  it('still finds what only a superseded publication has, until its grace ends', async () => {
    content.publish(zoo, { 'one.gz': '1' })
    content.publish(zoo, { 'two.gz': '2' })
    assert.equal(await show(`${zoo}/one.gz`), digest('1'))
    content.endGrace(zoo)
    content.announce(zoo)
    await show(`${zoo}/nothing`)
    assert.equal(await show(`${zoo}/one.gz`), 'not-found')
  })

  it('answers with the new file as soon as it is told of a switch', async () => {
    content.publish(zoo, {}, { 'a.rpm': 'one' })
    assert.equal(await show(`${zoo}/a.rpm`), digest('one'))
    content.publish(zoo, {}, { 'a.rpm': 'two' })
    assert.equal(await show(`${zoo}/a.rpm`), digest('one'))
    content.announce(zoo)
    await show(`${zoo}/nothing`)
    assert.equal(await show(`${zoo}/a.rpm`), digest('two'))
  })

  it('shows a new entry point to whoever asks after the switch, told of it or not', async () => {
    content.publish(zoo, { 'repodata/repomd.xml': 'one' })
    await show(`${zoo}/repodata/repomd.xml`)
    content.publish(zoo, { 'repodata/repomd.xml': 'two' })
    assert.equal(resolver.known(`${zoo}/repodata/repomd.xml`, plain), undefined)
    assert.equal(await show(`${zoo}/repodata/repomd.xml`), digest('two'))
  })

  it('reads everything again when switches may have been missed', async () => {
    content.publish(zoo, { index: 'one' })
    content.publish('/pulp/repos/gone', { index: 'gone' })
    assert.equal(await show(`${zoo}/index`), digest('one'))
    assert.equal(await show('/pulp/repos/gone/index'), digest('gone'))
    content.publish(zoo, { index: 'two' })
    content.takeDown('/pulp/repos/gone')
    content.announce(undefined)
    await show('/pulp/repos/nothing')
    assert.equal(await show(`${zoo}/index`), digest('two'))
    assert.equal(await show('/pulp/repos/gone/index'), 'not-found')
  })

  it('asks the database once for a file that stays live', async () => {
    content.publish(zoo, {}, { 'a.rpm': 'one' })
    assert.equal(resolver.known(`${zoo}/a.rpm`, plain), undefined)
    await show(`${zoo}/a.rpm`)
    content.asked.length = 0
    await show(`${zoo}/a.rpm`)
    assert.deepEqual(content.asked, [])
    assert.equal(resolver.known(`${zoo}/a.rpm`, plain)?.sha256, sha256Hex('one'))
  })

  it('asks once when many want the same file at the same time', async () => {
    content.publish(zoo, {}, { 'a.rpm': 'one' })
    await show(`${zoo}/nothing`)
    content.asked.length = 0
    const answers = await Promise.all(Array.from({ length: 50 }, () => show(`${zoo}/a.rpm`)))
    assert.deepEqual(new Set(answers), new Set([digest('one')]))
    assert.deepEqual(content.asked, ['find a.rpm'])
  })

  it('reads pointers with one statement at a time, however many misses there are', async () => {
    const held = Promise.withResolvers<void>()
    content.asked.length = 0
    const first = show('/pulp/repos/first/x')
    content.gate = held.promise
    await new Promise(setImmediate)
    const others = Array.from({ length: 300 }, (_, index) => show(`/pulp/repos/random-${index}/x`))
    await new Promise(setImmediate)
    held.resolve()
    assert.deepEqual(new Set(await Promise.all([first, ...others])), new Set(['not-found']))
    const reads = content.asked.filter((asked) => asked === 'some base paths').length
    assert.ok(reads <= 2, `${reads} statements for 301 misses`)
  })

  it('does not answer a miss with a read that began before the request', async () => {
    const held = Promise.withResolvers<void>()
    content.gate = held.promise
    const early = show(`${zoo}/index`)
    await new Promise(setImmediate)
    content.publish(zoo, { index: 'one' })
    const late = show(`${zoo}/index`)
    held.resolve()
    await early
    assert.equal(await late, digest('one'))
  })

  it('rejects a miss while the database is away, and goes on answering what it knows', async () => {
    content.publish(zoo, { index: 'one' })
    await show(`${zoo}/index`)
    const away = Promise.reject(new Error('the database is away'))
    away.catch(() => undefined)
    content.gate = away
    content.announce(undefined)
    await assert.rejects(show(`${zoo}/other`), /away/)
    assert.equal(await show(`${zoo}/index`), digest('one'))
    content.gate = Promise.resolve()
    assert.equal(await show(`${zoo}/other`), 'not-found')
  })

  it('says that a file is missing when its publication names it and nobody has stored it', async () => {
    content.publish(zoo, {}, { 'lazy.rpm': null })
    assert.equal(await show(`${zoo}/lazy.rpm`), 'deferred')
  })

  it('never serves an older file where the live publication has one that is not stored', async () => {
    content.publish(zoo, {}, { 'a.rpm': 'old' })
    content.publish(zoo, {}, { 'a.rpm': null })
    assert.equal(await show(`${zoo}/a.rpm`), 'deferred')
  })

  it('takes the longest base path', async () => {
    content.publish('/pulp/repos/a', { 'b/index': 'of a' })
    content.publish('/pulp/repos/a/b', { index: 'of b' })
    assert.equal(await show('/pulp/repos/a/b/index'), digest('of b'))
    assert.equal(await show('/pulp/repos/ab/index'), 'not-found')
  })

  it('lists folders of a publication with the base paths below it', async () => {
    content.publish(zoo, { 'repodata/repomd.xml': 'one', PULP_MANIFEST: 'm' }, { 'b.rpm': 'b', 'images/x/y': 'y' })
    content.publish(`${zoo}/inner`, {})
    content.announce(undefined)
    await show(`${zoo}/nothing`)
    assert.equal(await show(`${zoo}/`), 'PULP_MANIFEST b.rpm images/ inner/ repodata/')
    assert.equal(await show(`${zoo}/images/`), 'x/')
    assert.equal(await show(`${zoo}/repodata/`), 'repomd.xml')
    assert.equal(await show(`${zoo}/nothing/`), 'not-found')
  })

  it('asks for the slash of a folder, wherever the folder is', async () => {
    content.publish(zoo, {}, { 'images/x/y': 'y' })
    assert.equal(await show(zoo), 'add-slash')
    for (const path of [`${zoo}/images`, `${zoo}/images/x`, '/pulp/repos', '/pulp']) {
      assert.equal(await show(path), 'add-slash', path)
    }
    assert.equal(await show(`${zoo}/imag`), 'not-found')
  })

  it('lists the folders above repositories, as a page and as the file `listing`', async () => {
    for (const path of ['8/os', '8/debug', '7/os']) content.publish(`/pulp/repos/rhel/${path}`, { listing: 'own' })
    content.announce(undefined)
    await show('/pulp/repos/nothing')
    assert.equal(await show('/pulp/repos/rhel/'), '7/ 8/')
    assert.equal(await show('/pulp/repos/rhel/listing'), 'listing: 7 8')
    assert.equal(await show('/pulp/repos/rhel/8/listing'), 'listing: debug os')
    assert.equal(await show('/pulp/repos/listing'), 'listing: rhel')
    assert.equal(await show('/pulp/repos/rhel/8/os/listing'), digest('own'))
    assert.equal(await show('/pulp/isos/listing'), 'not-found')
  })
})

async function showAnswer(answer: ContentAnswer): Promise<string> {
  if (answer.kind === 'file') return `file ${answer.file.sha256}`
  if (answer.kind === 'folder') return (await Array.fromAsync(answer.names)).join(' ')
  return answer.kind === 'listing' ? `listing: ${answer.names.join(' ')}` : answer.kind
}

function digest(content: string): string {
  return `file ${sha256Hex(content)}`
}
