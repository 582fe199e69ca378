import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { sha256Hex } from '../core/digest.ts'
import { DeckleError } from '../core/errors.ts'
import type { DiscoveredFile, DiscoveredUnit } from '../core/unit.ts'
import type { Upstream } from '../core/upstream.ts'
import { suiteBlobs } from '../testing/suite-blobs.ts'
import { noAlternates } from './content-sources/alternates.ts'
import { fetchUnitFiles } from './fetch-unit-files.ts'
import { SyncRecorder } from './sync-recorder.ts'

const aFile = (path: string, more: Partial<DiscoveredFile> = {}): DiscoveredFile => ({
  path,
  digests: [{ algorithm: 'sha256', value: sha256Hex(path) }],
  urls: [`http://upstream.test/${path}`],
  ...more,
})

/** Has every file but those whose name says otherwise. */
let [asked, open, most] = [0, 0, 0]
const upstream: Upstream = {
  async download(url, consume) {
    asked += 1
    open += 1
    most = Math.max(most, open)
    await new Promise((resolve) => setImmediate(resolve))
    open -= 1
    const path = url.slice('http://upstream.test/'.length)
    if (path.startsWith('lost')) throw new DeckleError('upstream', `${path} answered 404`, { code: 'http_status' })
    const body = path.startsWith('wrong') ? 'something else' : path
    return consume(Readable.from([Buffer.from(body)]), { url, headers: {} })
  },
  close: async () => undefined,
}

describe('files of a unit that are fetched', () => {
  const blobs = suiteBlobs()

  async function fetched(...files: readonly DiscoveredFile[]) {
    const unit: DiscoveredUnit = { type: 'tree', key: { id: 't' }, metadata: { id: 't' }, files }
    const recorder = new SyncRecorder(
      { id: 'i', describe: () => ({ report: {}, summary: null, details: null }) },
      () => undefined,
    )
    const missing = files.map((_, index) => ({ index }))
    const context = {
      upstream,
      alternates: noAlternates,
      blobs: blobs.store,
      space: { shortage: async () => undefined },
    }
    const all = await fetchUnitFiles({ ...context, recorder, signal: new AbortController().signal }, [
      { unit, missing },
    ])
    return { found: all[0], counts: recorder.filesOf('tree').counts }
  }

  it('are all staged, or the unit has a problem', async () => {
    const whole = await fetched(aFile('a'), aFile('b'))
    assert.ok(whole.found !== undefined && 'staged' in whole.found)
    assert.deepEqual([whole.found.staged.size, whole.found.failed], [2, []])
    const { found, counts } = await fetched(aFile('a'), aFile('lost'), aFile('b'))
    assert.ok(found !== undefined && 'problem' in found)
    assert.deepEqual([found.problem.type, found.problem.name], ['tree', 'lost'])
    assert.deepEqual([counts.files.total, counts.files.done], [3, 3])
    assert.ok(counts.files.failed >= 1)
  })

  it('are fetched some at a time, and no more once one is lost', async () => {
    const many = Array.from({ length: 100 }, (_, index) => aFile(`${index}`))
    const { found } = await fetched(...many)
    assert.ok(found !== undefined && 'staged' in found && found.staged.size === 100)
    assert.ok(most > 1 && most <= 8, `${most} at once`)
    asked = 0
    const broken = await fetched(aFile('lost'), ...many)
    assert.ok(broken.found !== undefined && 'problem' in broken.found)
    assert.ok(asked < 20, `${asked} were asked for`)
    assert.deepEqual([broken.counts.files.total, broken.counts.files.done], [101, 101])
  })

  it('are staged without those that it can do without, which are told as problems of their own', async () => {
    const spare = { dispensableAs: 'package' }
    const { found, counts } = await fetched(aFile('a'), aFile('lost', spare), aFile('wrong', spare), aFile('b', spare))
    assert.ok(found !== undefined && 'staged' in found)
    assert.deepEqual([...found.staged.keys()], [0, 3])
    assert.deepEqual(
      found.failed?.map(({ type, key, name, code, url }) => [type, key, name, code, url]),
      [
        ['package', {}, 'lost', 'http_status', 'http://upstream.test/lost'],
        ['package', {}, 'wrong', 'checksum_mismatch', 'http://upstream.test/wrong'],
      ],
    )
    assert.deepEqual(counts.files, { total: 4, done: 4, failed: 2 })
  })
})
