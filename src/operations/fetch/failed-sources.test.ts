import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FileSource } from '../../core/deferred-file.ts'
import { DeckleError } from '../../core/errors.ts'
import { FailedSources } from './failed-sources.ts'

const near = source('http://near/a')
const far = source('http://far/a')
const missing = new DeckleError('upstream', 'not there', { code: 'http_status', data: { status: 404 } })
const dead = new DeckleError('upstream', 'nobody there', { code: 'unreachable' })

describe('FailedSources', () => {
  it('puts a source that failed behind the others for a while', () => {
    const failed = new FailedSources(30_000)
    assert.deepEqual(failed.sort([near, far], 0), [near, far])
    failed.note(near, missing, 0)
    assert.deepEqual(failed.sort([near, far], 29_999), [far, near])
    assert.deepEqual(failed.sort([near, far], 30_000), [near, far])
  })

  it('leaves none out', () => {
    const failed = new FailedSources(30_000)
    for (const one of [near, far]) failed.note(one, dead, 0)
    assert.deepEqual(failed.sort([near, far], 1), [near, far])
  })

  it('tells a server that is down from a file that it does not have', () => {
    const failed = new FailedSources(30_000)
    const other = source('http://near/other')
    failed.note(near, missing, 0)
    assert.deepEqual(failed.sort([other, far], 1), [other, far])
    failed.note(near, dead, 0)
    assert.deepEqual(failed.sort([other, far], 1), [far, other])
    const throughAnother = { ...other, importerKey: 2 }
    assert.deepEqual(failed.sort([throughAnother, far], 1), [throughAnother, far])
  })
})

function source(url: string): FileSource {
  return { url, importerKey: 1, importerType: 'stub_importer', config: {} }
}
