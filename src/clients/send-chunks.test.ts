import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sha256Hex } from '../core/digest.ts'
import { sendChunks } from './send-chunks.ts'
import { ServerError, UnreachableError } from './server-error.ts'

async function* chunks() {
  yield Buffer.from('one')
  yield Buffer.from('two')
  yield Buffer.from('!')
}

/** Takes what is written, after it has thrown what it is told to. */
function recording(...failures: readonly Error[]) {
  const written: string[] = []
  const left = [...failures]
  const client = {
    async writeUpload(id: string, offset: number, bytes: Uint8Array) {
      written.push(`${id} ${offset} ${Buffer.from(bytes)}`)
      const failure = left.shift()
      if (failure !== undefined) throw failure
    },
  }
  return { written, client }
}

describe('the chunks of a file', () => {
  it('are sent one after the other, and measured', async () => {
    const { written, client } = recording()
    const seen: number[] = []
    const measured = await sendChunks(client, 'u', chunks(), { watch: (bytes) => seen.push(bytes) })
    assert.deepEqual(measured, { sha256: sha256Hex('onetwo!'), size: 7 })
    assert.deepEqual(
      [written, seen],
      [
        ['u 0 one', 'u 3 two', 'u 6 !'],
        [3, 6, 7],
      ],
    )
  })

  it('are sent again when nobody answers, not when the server refuses them', async () => {
    const away = recording(new UnreachableError('http://x', 'gone'), new ServerError(503, 'full'))
    await sendChunks(away.client, 'u', chunks(), { interval: 1 })
    assert.deepEqual(away.written.slice(0, 4), ['u 0 one', 'u 0 one', 'u 0 one', 'u 3 two'])
    const strict = recording(new ServerError(400, 'too large'))
    await assert.rejects(sendChunks(strict.client, 'u', chunks(), { interval: 1 }), /too large/)
    assert.equal(strict.written.length, 1)
  })

  it('stop when somebody says so', async () => {
    const { written, client } = recording()
    const stop = new AbortController()
    const watch = () => stop.abort(new Error('enough'))
    await assert.rejects(sendChunks(client, 'u', chunks(), { signal: stop.signal, watch }), /enough/)
    assert.equal(written.length, 1)
  })
})
