import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isJsonObject } from '../../core/json.ts'
import type { Problem, SyncProgress } from '../../core/sync-progress.ts'
import { describeYumSync } from './yum-sync-report.ts'

const start: SyncProgress = {
  state: 'running',
  parts: {},
  units: {},
  files: { total: 0, done: 0, failed: 0 },
  bytes: { total: 0, done: 0 },
  problems: [],
}
const part = (state: 'finished' | 'failed' | 'in-progress' | 'cancelled') => ({ state, entered: {} })

describe('the report of a yum sync', () => {
  it('has all six parts from the start', () => {
    assert.deepEqual(describeYumSync(start).report, {
      metadata: { state: 'NOT_STARTED' },
      content: {
        state: 'NOT_STARTED',
        items_total: 0,
        items_left: 0,
        size_total: 0,
        size_left: 0,
        error_details: [],
        details: { rpm_total: 0, rpm_done: 0, drpm_total: 0, drpm_done: 0 },
      },
      distribution: { state: 'NOT_STARTED', items_total: 0, items_left: 0, error_details: [] },
      errata: { state: 'NOT_STARTED' },
      modules: { state: 'NOT_STARTED' },
      comps: { state: 'NOT_STARTED' },
      purge_duplicates: { state: 'NOT_STARTED' },
    })
  })

  it('counts downloads as items, and all packages, source or not, in the details', () => {
    const { report } = describeYumSync({
      ...start,
      parts: { metadata: part('finished'), content: part('in-progress') },
      units: { rpm: { total: 30, done: 10 }, srpm: { total: 2, done: 1 } },
      files: { total: 14, done: 4, failed: 1 },
      bytes: { total: 1000, done: 300 },
    })
    assert.deepEqual(report['content'], {
      state: 'IN_PROGRESS',
      items_total: 14,
      items_left: 10,
      size_total: 1000,
      size_left: 700,
      error_details: [],
      details: { rpm_total: 32, rpm_done: 11, drpm_total: 0, drpm_done: 0 },
    })
  })

  it('gives the states as summary and the whole as details of the history', () => {
    const { report, summary, details } = describeYumSync({ ...start, parts: { metadata: part('cancelled') } })
    assert.ok(isJsonObject(summary))
    assert.deepEqual(summary['metadata'], { state: 'CANCELLED' })
    assert.deepEqual(Object.keys(summary), Object.keys(report))
    assert.deepEqual(details, report)
  })

  it('tells why a part failed', () => {
    const { report } = describeYumSync({
      ...start,
      state: 'failed',
      parts: { metadata: part('failed') },
      error: 'no such host',
    })
    assert.deepEqual(report['metadata'], { state: 'FAILED', error: 'no such host' })
  })

  it('lists problems in the shapes that clients know', () => {
    const problem = (code: string, data: Problem['data']): Problem => ({
      stage: 'verify',
      type: 'rpm',
      key: { name: 'bear' },
      name: 'bear.rpm',
      reason: 'why',
      code,
      url: 'http://x/bear.rpm',
      ...(data && { data }),
    })
    const problems = [
      problem('size_mismatch', { expected_size: 2, actual_size: 1 }),
      problem('checksum_mismatch', { checksum_type: 'sha1', expected_checksum: 'a', actual_checksum: 'b' }),
      problem('checksum_type_unknown', { checksum_type: 'x', accepted_checksum_types: ['md5'] }),
      problem('http_status', { status: 404 }),
    ]
    const content = describeYumSync({ ...start, problems }).report['content'] as { error_details: unknown }
    assert.deepEqual(content.error_details, [
      { unit_key: { name: 'bear' }, error_code: 'size_mismatch', expected_size: 2, actual_size: 1 },
      {
        name: 'bear.rpm',
        error_code: 'checksum_mismatch',
        checksum_type: 'sha1',
        expected_checksum: 'a',
        actual_checksum: 'b',
      },
      { name: 'bear.rpm', error_code: 'checksum_type_unknown', checksum_type: 'x', accepted_checksum_types: ['md5'] },
      { name: 'bear.rpm', error_code: 'http_status', error_message: 'why', status: 404, url: 'http://x/bear.rpm' },
    ])
  })
})
