import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { readStoreId } from '../blobs/store-marker.ts'
import { makeBlobStoreIdentity } from '../database/blob-store-identity.ts'
import type { Database } from '../database/connection.ts'
import { onOneDatabase } from '../testing/databases.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { claimBlobFolder } from './claim-blob-folder.ts'

const conflict = (message: RegExp) => (error: unknown) =>
  error instanceof Error && 'kind' in error && error.kind === 'conflict' && message.test(error.message)

onOneDatabase('a blob folder', (fresh) => {
  const place = async (): Promise<{ database: Database; folder: string }> => ({
    database: (await fresh.open()).database,
    folder: await temporaryFolder(),
  })

  it('is claimed by the first start, also by several at once, and recognised by later ones', async () => {
    const { database, folder } = await place()
    await Promise.all(Array.from({ length: 4 }, () => claimBlobFolder(database, folder)))
    const id = await readStoreId(folder)
    assert.match(id ?? '', /^[0-9a-f-]{36}$/)
    await claimBlobFolder(database, folder)
    assert.equal(await readStoreId(folder), id)
  })

  it('that is empty or not mounted is refused once the right one is known', async () => {
    const { database, folder } = await place()
    await claimBlobFolder(database, folder)
    const id = await readStoreId(folder)
    await assert.rejects(
      claimBlobFolder(database, await temporaryFolder()),
      conflict(new RegExp(`DECKLE_BLOBS.*${id}`)),
    )
    await rm(join(folder, 'store-id'))
    await assert.rejects(claimBlobFolder(database, folder), conflict(/Mount it/))
  })

  it('of another database is refused, also by a new one', async () => {
    const { database, folder } = await place()
    await claimBlobFolder(database, folder)
    const { database: fresh2 } = await fresh.open()
    await assert.rejects(claimBlobFolder(fresh2, folder), conflict(/another database/))
    const other = await temporaryFolder()
    await claimBlobFolder(fresh2, other)
    await assert.rejects(claimBlobFolder(database, other), conflict(/another database/))
  })

  it('whose first start died before the id was written is claimed by the next', async () => {
    const { database, folder } = await place()
    const { id } = await makeBlobStoreIdentity(database)
    await claimBlobFolder(database, folder)
    assert.equal(await readStoreId(folder), id)
  })
})
