import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { DeckleError } from '../../core/errors.ts'
import { silentLog } from '../../core/log.ts'
import { type ContentServer, contentServer } from '../../testing/content-server.ts'
import { createOperationsHandler } from './operations-handler.ts'
import { readiness } from './readiness.ts'

describe('operations pages', () => {
  let server: ContentServer
  const faults: Record<string, string | undefined> = {}
  let metrics = async () => 'deckle_up 1\n'

  before(async () => {
    server = await contentServer(
      createOperationsHandler({
        readiness: () =>
          readiness({
            database: async () => faults['database'],
            blobs: async () => {
              if (faults['blobs'] !== undefined) throw new Error(faults['blobs'])
              return undefined
            },
          })(),
        metrics: () => metrics(),
        authenticate: async (header) => {
          if (header !== 'Bearer right') throw new DeckleError('unauthenticated', 'who?')
        },
        log: silentLog,
      }),
    )
  })
  after(() => server.close())

  it('say that the process serves, whatever else is broken', async () => {
    faults['database'] = 'does not answer'
    assert.equal((await server.ask('/healthz')).status, 200)
    const head = await server.ask('/healthz', { method: 'HEAD' })
    assert.deepEqual([head.status, head.body.length], [200, 0])
    delete faults['database']
  })

  it('are ready when every check holds, else name each that does not, without its details', async () => {
    assert.equal((await server.ask('/readyz?verbose')).status, 200)
    faults['database'] = 'does not answer'
    faults['blobs'] = 'EACCES: /srv/secret-place'
    const { status, body, headers } = await server.ask('/readyz')
    assert.equal(status, 503)
    assert.match(headers['content-type'] ?? '', /^application\/json/)
    assert.deepEqual(JSON.parse(String(body)), {
      ready: false,
      checks: { database: 'does not answer', blobs: 'fails' },
    })
    delete faults['database']
    delete faults['blobs']
  })

  it('show metrics to whoever proves who they are', async () => {
    const refused = await server.ask('/metrics')
    assert.equal(refused.status, 401)
    assert.match(refused.headers['www-authenticate'] ?? '', /^Basic /)
    const shown = await server.ask('/metrics', { headers: { authorization: 'Bearer right' } })
    assert.deepEqual([shown.status, String(shown.body)], [200, 'deckle_up 1\n'])
    assert.match(shown.headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/)
  })

  it('answer 503 when metrics cannot be had, 405 to other methods, and leave other paths alone', async () => {
    const before = metrics
    metrics = () => Promise.reject(new Error('no'))
    assert.equal((await server.ask('/metrics', { headers: { authorization: 'Bearer right' } })).status, 503)
    metrics = before
    assert.equal((await server.ask('/readyz', { method: 'POST' })).status, 405)
    assert.equal((await server.ask('/healthz/')).status, 421)
    assert.equal((await server.ask('/constructor')).status, 421)
  })
})
