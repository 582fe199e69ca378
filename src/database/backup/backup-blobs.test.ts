import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { it } from 'node:test'
import { FileBlobStore } from '../../blobs/file-blob-store.ts'
import type { BlobStore } from '../../core/blob-store.ts'
import { sha256Hex } from '../../core/digest.ts'
import { makeBackup, restoreBackup } from '../../testing/backups.ts'
import { type FreshDatabases, onOneDatabase } from '../../testing/databases.ts'
import { storeBlob } from '../../testing/suite-blobs.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import type { OpenDatabase } from '../connection.ts'

/** More than are made durable at one time. */
const texts = Array.from({ length: 300 }, (_, index) => `text ${index}`)
const [first = '', second = ''] = texts

onOneDatabase('the blobs of a backup', (fresh) => {
  it('come into another store, all of them and only those that the database calls stored', async () => {
    const { from, folder, store } = await stocked(fresh)
    await storeBlob(store, 'nobody knows it')
    await from.pool.query(`INSERT INTO blob (sha256, size) VALUES (decode('${sha256Hex('being written')}', 'hex'), 13)`)
    const { bytes, end } = await makeBackup(from.url, store, folder)
    assert.deepEqual([end.blobs, end.damaged], [texts.length, 0])
    const [to, other] = [await fresh.open(), await emptyStore()]
    const report = await restoreBackup(to.url, bytes, other)
    assert.deepEqual([report.blobs, report.damaged], [texts.length, 0])
    for (const text of texts) assert.equal(await textOf(other, text), text)
    assert.equal(await other.size(sha256Hex('nobody knows it')), undefined)
  })

  it('that are missing or damaged are named, and restored only on demand, as not stored', async () => {
    const { from, folder, store } = await stocked(fresh)
    await rm(store.path(sha256Hex(first)))
    await writeFile(store.path(sha256Hex(second)), second.toUpperCase())
    const { bytes, end, damaged } = await makeBackup(from.url, store, folder)
    assert.deepEqual([...damaged].sort(), [first, second].map(sha256Hex).sort())
    assert.equal(end.damaged, 2)
    const to = await fresh.open()
    const refusal = { kind: 'invalid', message: /and 1 more: .*--allow-damaged/ }
    await assert.rejects(restoreBackup(to.url, bytes, await emptyStore()), refusal)
    const other = await emptyStore()
    const report = await restoreBackup(to.url, bytes, other, { allowDamaged: true })
    assert.equal(report.damaged, 2)
    assert.deepEqual(await notStored(to), [first, second].map(sha256Hex).sort())
    assert.equal(await other.size(sha256Hex(second)), undefined)
  })

  it('that a disk cannot read to the end keep their place, and the others come through', async () => {
    const { from, folder, store } = await stocked(fresh)
    const broken: Pick<BlobStore, 'size' | 'read'> = {
      size: (sha256) => store.size(sha256),
      read: (sha256) => (sha256 === sha256Hex(first) ? Promise.resolve(brokenOff()) : store.read(sha256)),
    }
    const { bytes, damaged } = await makeBackup(from.url, broken, folder)
    assert.deepEqual(damaged, [sha256Hex(first)])
    const [to, other] = [await fresh.open(), await emptyStore()]
    const report = await restoreBackup(to.url, bytes, other, { allowDamaged: true })
    assert.equal(report.damaged, 1)
    assert.equal(await textOf(other, second), second)
  })

  it('that were changed in the file are refused', async () => {
    const { from, folder, store } = await stocked(fresh)
    const { bytes } = await makeBackup(from.url, store, folder)
    const at = bytes.indexOf(Buffer.from(first, 'utf8'), bytes.indexOf(`blobs/${sha256Hex(first)}`))
    bytes.write('T', at)
    const to = await fresh.open()
    await assert.rejects(restoreBackup(to.url, bytes, await emptyStore()), {
      kind: 'invalid',
      message: new RegExp(`${sha256Hex(first)}: the backup has other bytes`),
    })
  })

  it('may be there already, but not with other bytes', async () => {
    const { from, folder, store } = await stocked(fresh)
    const { bytes } = await makeBackup(from.url, store, folder)
    const other = await emptyStore()
    await storeBlob(other, first)
    await restoreBackup((await fresh.open()).url, bytes, other)
    await writeFile(other.path(sha256Hex(second)), 'something')
    await assert.rejects(restoreBackup((await fresh.open()).url, bytes, other), {
      kind: 'conflict',
      message: new RegExp(`damaged ${sha256Hex(second)}.*empty blob store`),
    })
  })

  it('can stay where they are, and are looked for there', async () => {
    const { from, folder, store } = await stocked(fresh)
    const { bytes, end } = await makeBackup(from.url, store, folder, { withBlobs: false })
    assert.equal(end.blobs, 0)
    assert.ok(bytes.length < 200_000)
    await restoreBackup((await fresh.open()).url, bytes, store)
    await rm(store.path(sha256Hex(first)))
    const to = await fresh.open()
    const refusal = { kind: 'invalid', message: new RegExp(`${sha256Hex(first)}: it is missing`) }
    await assert.rejects(restoreBackup(to.url, bytes, store), refusal)
    await restoreBackup(to.url, bytes, store, { allowDamaged: true })
    assert.deepEqual(await notStored(to), [sha256Hex(first)])
  })
})

/** A database and a store that know the same texts. */
async function stocked(fresh: FreshDatabases) {
  const [from, folder] = [await fresh.open(), await temporaryFolder()]
  const store = await FileBlobStore.open(join(folder, 'blobs'))
  const staged = await Promise.all(texts.map((text) => store.stage(Readable.from([Buffer.from(text)]))))
  await store.commit(staged)
  await insertAll(from)
  return { from, folder, store }
}

async function insertAll({ pool }: OpenDatabase): Promise<void> {
  const digests = texts.map((text) => Buffer.from(sha256Hex(text), 'hex'))
  await pool.query(
    'INSERT INTO blob (sha256, size, stored_at) SELECT sha256, size, now() FROM unnest($1::bytea[], $2::int[]) AS new (sha256, size)',
    [digests, texts.map((text) => text.length)],
  )
}

async function notStored({ pool }: OpenDatabase): Promise<readonly string[]> {
  const { rows } = await pool.query<{ sha256: string }>(
    `SELECT encode(sha256, 'hex') AS sha256 FROM blob WHERE stored_at IS NULL ORDER BY sha256`,
  )
  return rows.map(({ sha256 }) => sha256)
}

async function emptyStore(): Promise<FileBlobStore> {
  return FileBlobStore.open(join(await temporaryFolder(), 'blobs'))
}

async function textOf(store: FileBlobStore, text: string): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of await store.read(sha256Hex(text))) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function brokenOff(): Readable {
  return Readable.from(
    (async function* () {
      yield Buffer.from('te')
      throw new Error('EIO')
    })(),
  )
}
