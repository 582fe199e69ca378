import assert from 'node:assert/strict'
import { chmod, mkdir, rm, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { sql } from 'kysely'
import { BlobPaths } from '../blobs/blob-paths.ts'
import { FileBlobStore } from '../blobs/file-blob-store.ts'
import { sha256Hex } from '../core/digest.ts'
import type { OpenDatabase } from '../database/connection.ts'
import { claimBlobFolder } from '../server/claim-blob-folder.ts'
import { onOneDatabase } from '../testing/databases.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { examine } from './examine.ts'
import type { Finding } from './finding.ts'

async function findings(environment: NodeJS.ProcessEnv, verify = false): Promise<readonly Finding[]> {
  return Array.fromAsync(examine({ environment: { PATH: '/usr/bin', ...environment }, verify }))
}

function of(list: readonly Finding[], check: string): readonly string[] {
  return list.filter((finding) => finding.check === check).map(({ state, message }) => `${state}: ${message}`)
}

describe('the doctor', () => {
  it('says which settings are wrong and looks no further', async () => {
    const list = await findings({ DECKLE_HTTP_PROT: '1' })
    assert.match(of(list, 'settings').join(), /^problem: .*DECKLE_HTTP_PROT is not a setting/s)
    assert.equal(list.at(-1)?.check, 'settings')
  })

  it('starts no embedded database and says what it could not look at', async () => {
    const list = await findings({ DECKLE_DATA_DIR: await temporaryFolder() })
    assert.match(of(list, 'database').join(), /^warning: the embedded PostgreSQL does not run/)
  })

  it('names secrets that others can read and folders that others can write', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'admin-password'), 'x', { mode: 0o644 })
    await chmod(folder, 0o777)
    const list = await findings({ DECKLE_DATA_DIR: folder })
    assert.match(of(list, 'secrets').join(), /^problem: .*admin-password can be read by others/)
    assert.match(of(list, 'data folder').join(), /^warning: others may write/)
  })

  it('names optional programs that are missing, with their Debian package', async () => {
    const list = await findings({ DECKLE_DATA_DIR: await temporaryFolder(), PATH: await temporaryFolder() })
    const remedies = list.filter(({ check }) => check === 'xorriso' || check === 'bzip2').map(({ remedy }) => remedy)
    assert.match(remedies.join(), /apt install xorriso.*apt install bzip2/)
  })

  it('finds the leftovers of processes that died', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'spool'))
    const path = join(folder, 'spool', 'ffffffff.1.abc.1')
    await writeFile(path, '')
    assert.match(of(await findings({ DECKLE_DATA_DIR: folder }), 'temporary files').join(), /^ok/)
    await utimes(path, 0, 0)
    assert.match(of(await findings({ DECKLE_DATA_DIR: folder }), 'temporary files').join(), /^warning: 1 /)
  })

  it('asks the running server whether it is ready', async () => {
    let ready = true
    const server = createServer((_request, response) => {
      response
        .writeHead(ready ? 200 : 503)
        .end(JSON.stringify({ ready, checks: { database: 'does not answer', blobs: 'ok' } }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    after(() => server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const ask = async () => of(await findings({ DECKLE_DATA_DIR: await temporaryFolder(), DECKLE_URL: url }), 'server')
    assert.deepEqual(await ask(), [`ok: is ready at ${url}`])
    ready = false
    assert.deepEqual(await ask(), [`problem: ${url} is not ready: database: does not answer`])
    server.close()
    server.closeAllConnections()
    assert.deepEqual(await ask(), [`problem: no server answers at ${url}`])
  })
})

onOneDatabase('the doctor of a database', (fresh) => {
  interface Place {
    readonly opened: OpenDatabase
    readonly blobs: string
    readonly environment: NodeJS.ProcessEnv
    store(content: string, written?: string): Promise<string>
  }

  const place = async (): Promise<Place> => {
    const opened = await fresh.open()
    const folder = await temporaryFolder()
    const blobs = join(folder, 'blobs')
    await FileBlobStore.open(blobs)
    await claimBlobFolder(opened.database, blobs)
    return {
      opened,
      blobs,
      environment: { DECKLE_DATA_DIR: folder, DECKLE_DATABASE_URL: opened.url },
      async store(content, written = content) {
        const sha256 = sha256Hex(content)
        const name = Buffer.from(sha256, 'hex')
        await sql`INSERT INTO blob (sha256, size, stored_at) VALUES (${name}, ${content.length}, now())`.execute(
          opened.database,
        )
        await writeFile(new BlobPaths(blobs).blob(sha256), written)
        return sha256
      },
    }
  }

  it('finds schema, sessions, clock and folder in order', async () => {
    const { environment, store } = await place()
    await store('whole')
    const list = await findings(environment)
    for (const check of ['database', 'connections', 'sessions', 'clock', 'schema', 'store id', 'stored files']) {
      assert.ok(
        of(list, check).every((text) => text.startsWith('ok')),
        `${check}: ${of(list, check).join()}`,
      )
    }
  })

  it('names each stored file that is missing, cut or damaged, whether it samples or verifies', async () => {
    const { environment, blobs, store } = await place()
    await store('whole')
    const missing = await store('missing')
    await rm(new BlobPaths(blobs).blob(missing))
    const cut = await store('cut off', 'cut')
    const damaged = await store('right', 'wrong')
    const expected = [`${missing} is missing`, `${cut} has the wrong size`, `${damaged} is damaged`].sort()
    const files = of(await findings(environment, true), 'stored files').map((text) => text.replace('problem: ', ''))
    assert.deepEqual(files.slice(1).sort(), expected)
    // A list of four is shorter than the handful that is taken at each place.
    const sampled = of(await findings(environment), 'stored files').filter((text) => text.startsWith('problem'))
    assert.equal(sampled.length, 3)
  })

  it('sees a folder that is not the one of the database', async () => {
    const { environment } = await place()
    const list = await findings({ ...environment, DECKLE_BLOBS: await temporaryFolder() })
    assert.match(of(list, 'store id').join(), /^problem: .*is empty or not mounted/)
  })

  it('sees an empty schema, one of a newer program, and too few connections', async () => {
    const { environment, opened } = await place()
    const empty = await findings({ ...environment, DECKLE_DATABASE_URL: await fresh.url() })
    assert.match(of(empty, 'schema').join(), /^warning: lacks 0001-model/)
    await sql`INSERT INTO kysely_migration (name, timestamp) VALUES ('9999-later', 'now')`.execute(opened.database)
    const list = await findings({ ...environment, DECKLE_WORKERS: '5000' })
    assert.match(of(list, 'schema').join(), /^problem: was made by a newer Deckle \(9999-later\)/)
    assert.match(of(list, 'connections').join(), /^problem/)
  })

  it('says that a database does not answer, without its password', async () => {
    const { environment } = await place()
    const url = 'postgres://me:hush-hush@127.0.0.1:1/none'
    const list = await findings({ ...environment, DECKLE_DATABASE_URL: url })
    assert.match(of(list, 'database').join(), /^problem: does not answer/)
    assert.doesNotMatch(JSON.stringify(list), /hush/)
  })
})
