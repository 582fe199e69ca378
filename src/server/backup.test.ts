import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { trySweepLock } from '../database/space/sweep-lock.ts'
import { onOneDatabase } from '../testing/databases.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { makeBackup } from './backup.ts'

const quiet = { table() {}, blobs() {}, damaged() {} }

onOneDatabase('the command backup', (fresh) => {
  it('keeps blobs from being deleted while it works, and no longer', async () => {
    const { database, url } = await fresh.open()
    const maySweep = () => database.transaction().execute(trySweepLock)
    const folder = await temporaryFolder()
    let meanwhile: Promise<boolean> | undefined
    await makeBackup({
      environment: { DECKLE_DATABASE_URL: url, DECKLE_DATA_DIR: folder },
      file: join(folder, 'a.tar'),
      withBlobs: true,
      signal: new AbortController().signal,
      progress: {
        ...quiet,
        table() {
          meanwhile ??= maySweep()
        },
      },
    })
    assert.equal(await meanwhile, false)
    assert.equal(await maySweep(), true)
  })

  it('leaves nothing behind when it is interrupted', async () => {
    const { url } = await fresh.open()
    const [folder, interrupted] = [await temporaryFolder(), new AbortController()]
    const command = makeBackup({
      environment: { DECKLE_DATABASE_URL: url, DECKLE_DATA_DIR: await temporaryFolder() },
      file: join(folder, 'a.tar'),
      withBlobs: true,
      signal: interrupted.signal,
      progress: { ...quiet, table: () => interrupted.abort() },
    })
    await assert.rejects(command, { name: 'AbortError' })
    assert.deepEqual(await readdir(folder), [])
  })
})
