import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { countsOf, follow, makeFilesMirror, sync, syncWell } from './support/mirrors.ts'
import { manifestLine, writePlainFiles } from './support/plain-files.ts'
import { fetchBytes, statusOf } from './support/published.ts'
import { newFolder, removeFolder, sharedServer } from './support/servers.ts'
import { versionsOf } from './support/versions.ts'

const files = { 'disk.iso': 'a disk', 'empty.txt': '', 'notes/größe & more.txt': 'text', 'b.bin': '\u0000\u0001' }

onOneDatabase('a mirror of plain files', (fresh) => {
  let feedFolder = ''
  before(async () => {
    feedFolder = await newFolder()
  })
  after(() => removeFolder(feedFolder))
  const server = sharedServer(fresh, () => ({ DECKLE_FEED_DIRS: feedFolder }))

  test('serves the files of its upstream and a manifest that the next mirror can sync from', async () => {
    const folder = await temporaryFolder()
    await writePlainFiles(folder, files)
    const { feed } = await FolderUpstream.of(folder)
    const first = await makeFilesMirror(server(), 'first', { feed })
    assert.deepEqual(countsOf(await syncWell(server(), 'first')), { added: 4, updated: 0, removed: 0 })
    const second = await makeFilesMirror(server(), 'second', { feed: first })
    await syncWell(server(), 'second')
    for (const [name, text] of Object.entries(files)) {
      assert.equal((await fetchBytes(second + name)).toString(), text, name)
    }
    const manifest = (await fetchBytes(`${second}PULP_MANIFEST`)).toString()
    assert.deepEqual(manifest.replaceAll('\r', ''), Object.entries(files).sort().map(manifestLine).join(''))
  })

  test('asks its upstream for the manifest alone when nothing has changed', async () => {
    const folder = await temporaryFolder()
    await writePlainFiles(folder, files)
    const upstream = await FolderUpstream.of(folder)
    await makeFilesMirror(server(), 'unchanged', { feed: upstream.feed })
    await syncWell(server(), 'unchanged')
    const before = await versionsOf(server(), 'unchanged')
    const requests = await upstream.requestsOf(() => syncWell(server(), 'unchanged'))
    assert.deepEqual(requests, ['PULP_MANIFEST'])
    assert.deepEqual(await versionsOf(server(), 'unchanged'), before)
  })

  test('fetches only what is new, and drops what is gone if it was told to', async () => {
    const folder = await temporaryFolder()
    await writePlainFiles(folder, { kept: 'kept', gone: 'gone', changed: 'old' })
    const upstream = await FolderUpstream.of(folder)
    const url = await makeFilesMirror(server(), 'moving', { feed: upstream.feed, remove_missing: true })
    await syncWell(server(), 'moving')
    await writePlainFiles(folder, { kept: 'kept', changed: 'new', fresh: 'fresh' })
    await upstream.update()
    const requests = await upstream.requestsOf(() => syncWell(server(), 'moving'))
    assert.deepEqual(requests, ['PULP_MANIFEST', 'changed', 'fresh'])
    assert.deepEqual(Object.values(await versionsOf(server(), 'moving')).at(-1), ['changed', 'fresh', 'kept'])
    assert.equal((await fetchBytes(`${url}changed`)).toString(), 'new')
  })

  test('ends in an error that names the bad files, and has all others', async () => {
    const folder = await temporaryFolder()
    await writePlainFiles(folder, { good: 'good', missing: 'missing', wrong: 'wrong', short: 'short' })
    const upstream = await FolderUpstream.of(folder)
    upstream.fail('missing', { status: 404 })
    upstream.fail('wrong', { body: 'wrong', corrupt: true })
    await writeFile(join(folder, 'short'), 'sho')
    const url = await makeFilesMirror(server(), 'partly', { feed: upstream.feed })
    const [task] = await sync(server(), 'partly')
    assert.equal(task?.state, 'error')
    const report = task.progress_report['iso_importer'] as { state: string; iso_error_messages: { name: string }[] }
    assert.equal(report.state, 'isos_failed')
    assert.deepEqual(report.iso_error_messages.map(({ name }) => name).sort(), ['missing', 'short', 'wrong'])
    for (const name of ['missing', 'short', 'wrong']) assert.match(task.error?.description ?? '', new RegExp(name))
    assert.equal(await statusOf(`${url}good`), 404, 'a failed sync publishes nothing by itself')
    const [publish] = await follow(server(), await server().client.publish('partly', 'iso_distributor'))
    assert.equal(publish?.state, 'finished')
    assert.equal((await fetchBytes(`${url}good`)).toString(), 'good')
    assert.equal(await statusOf(`${url}wrong`), 404)
  })

  test('keeps what it has published when its upstream has no manifest any more', async () => {
    const folder = await temporaryFolder()
    await writePlainFiles(folder, files)
    const upstream = await FolderUpstream.of(folder)
    const url = await makeFilesMirror(server(), 'kept', { feed: upstream.feed })
    await syncWell(server(), 'kept')
    const before = await fetchBytes(`${url}PULP_MANIFEST`)
    for (const fault of [{ status: 404 }, { body: 'no manifest at all' }]) {
      upstream.fail('PULP_MANIFEST', fault)
      const [task] = await sync(server(), 'kept')
      assert.equal(task?.state, 'error')
      assert.match(task.error?.description ?? '', /PULP_MANIFEST/)
    }
    assert.deepEqual(await fetchBytes(`${url}PULP_MANIFEST`), before)
    assert.equal((await fetchBytes(`${url}disk.iso`)).toString(), 'a disk')
  })

  test('reads a folder of this machine that the settings allow, and no other', async () => {
    await mkdir(join(feedFolder, 'here'))
    await writePlainFiles(join(feedFolder, 'here'), files)
    const url = await makeFilesMirror(server(), 'local', { feed: `${pathToFileURL(feedFolder).href}/here/` })
    await syncWell(server(), 'local')
    assert.equal((await fetchBytes(`${url}disk.iso`)).toString(), 'a disk')
    const outside = await temporaryFolder()
    await writePlainFiles(outside, files)
    await makeFilesMirror(server(), 'outside', { feed: `${pathToFileURL(outside).href}/` })
    const [task] = await sync(server(), 'outside')
    assert.equal(task?.state, 'error')
    assert.match(task.error?.description ?? '', /DECKLE_FEED_DIRS/)
  })
})
