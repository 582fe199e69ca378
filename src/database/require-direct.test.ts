import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Client } from 'pg'
import { requireClient } from '../testing/clients.ts'
import { onEachDatabase } from '../testing/databases.ts'
import { startPooler } from '../testing/pooler.ts'
import { requireDirect } from './require-direct.ts'

const pooler = { ...requireClient('pgbouncer'), timeout: 60_000 }

onEachDatabase('the way to the database', (fresh) => {
  it('may be direct', async () => {
    await requireDirect({ url: await fresh.url() })
  })

  for (const size of [1, 2, 20]) {
    const title = `may not lead through a pooler that shares ${size} sessions, unless there is a direct one`
    it(title, pooler, async (t) => {
      const direct = await fresh.url()
      const url = await startPooler(t, direct, { mode: 'transaction', size })
      const remedy = /^DECKLE_DATABASE_URL leads through a pooler .* DECKLE_DATABASE_DIRECT_URL/
      await assert.rejects(requireDirect({ url }), { kind: 'invalid', message: remedy })
      await assert.rejects(requireDirect({ url: direct, directUrl: url }), {
        kind: 'invalid',
        message: /^DECKLE_DATABASE_DIRECT_URL leads through a pooler/,
      })
      await requireDirect({ url, directUrl: direct })
    })
  }

  it('may not lead through a busy pooler either', pooler, async (t) => {
    const url = await startPooler(t, await fresh.url(), { mode: 'transaction' })
    const others = Array.from({ length: 8 }, () => new Client({ connectionString: url }))
    let over = false
    const noise = others.map(async (client) => {
      await client.connect()
      while (!over) await client.query('SELECT pg_sleep(0.002)')
      await client.end()
    })
    for (let turn = 0; turn < 10; turn++) await assert.rejects(requireDirect({ url }), { kind: 'invalid' })
    over = true
    await Promise.all(noise)
  })

  it('may lead through a pooler that keeps sessions', pooler, async (t) => {
    await requireDirect({ url: await startPooler(t, await fresh.url(), { mode: 'session' }) })
  })

  it('leads to one database only', async () => {
    const addresses = { url: await fresh.url(), directUrl: await fresh.url() }
    await assert.rejects(requireDirect(addresses), { kind: 'invalid', message: /different databases/ })
  })

  it('names the setting that is wrong when nobody answers', async () => {
    const url = await fresh.url()
    const directUrl = 'postgres://nobody@127.0.0.1:1/nothing'
    await assert.rejects(
      requireDirect({ url, directUrl }),
      /the database of DECKLE_DATABASE_DIRECT_URL does not answer/,
    )
  })
})
