import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { recordingTerminal } from '../testing/recording-terminal.ts'
import { taskReport } from '../testing/task-reports.ts'
import { reportOutcome } from './report-outcome.ts'
import { hasPublish, outcomeOf } from './sync-outcome.ts'

function problemsIn(report: unknown): readonly string[] {
  return outcomeOf([taskReport({ progress_report: { key: report } })]).problems
}

describe('The outcome of a sync', () => {
  test('has the counts of the sync, not of what it queued', () => {
    const sync = taskReport({
      tags: ['pulp:repository:zoo', 'pulp:action:sync'],
      result: { added_count: 14, updated_count: 1, removed_count: 2 },
    })
    const publish = taskReport({ tags: ['pulp:action:publish'], result: { added_count: 99 } })
    assert.deepEqual(outcomeOf([sync, publish]), { added: 14, updated: 1, removed: 2, problems: [] })
    assert.deepEqual([hasPublish([sync]), hasPublish([sync, publish])], [false, true])
  })

  test('names packages that were left out, in all the forms of yum reports', () => {
    const error_details = [
      { url: 'https://a.example/x.rpm', error_message: 'Not Found', response_code: 404 },
      { unit_key: { name: 'bear' }, error_code: 'size_mismatch', expected_size: 3, actual_size: 4 },
      { name: 'cat', error_code: 'checksum_mismatch', expected_checksum: 'aa', actual_checksum: 'bb' },
      {},
    ]
    const distribution = { error_details: [['https://a.example/vmlinuz', 'timed out']] }
    assert.deepEqual(problemsIn({ content: { error_details }, distribution }), [
      'https://a.example/x.rpm: Not Found',
      'bear: size mismatch (expected 3, got 4)',
      'cat: checksum mismatch (expected aa, got bb)',
      'unnamed: failed',
      'https://a.example/vmlinuz: timed out',
    ])
  })

  test('names files and steps that failed', () => {
    assert.deepEqual(problemsIn({ iso_error_messages: [{ name: 'a.iso', error: 'wrong checksum' }] }), [
      'a.iso: wrong checksum',
    ])
    const steps = [{ error_details: [{ error: 'one' }], sub_steps: [{ error_details: [{ error: 'two' }] }] }]
    assert.deepEqual(problemsIn(steps), ['one', 'two'])
  })

  test('finds nothing in reports of an unknown shape', () => {
    for (const report of [null, 1, 'x', [], [null], { content: null }]) assert.deepEqual(problemsIn(report), [])
  })

  test('is told with the first problems and the number of the others', () => {
    const terminal = recordingTerminal(undefined)
    const problems = Array.from({ length: 22 }, (_, index) => `p${index}: gone`)
    reportOutcome(terminal, 'zoo', { added: 1, updated: 0, removed: 0, problems })
    assert.deepEqual(terminal.notes.slice(0, 3), [
      'zoo: 1 added, 0 updated, 0 removed',
      'zoo: 22 left out:',
      '  p0: gone',
    ])
    assert.deepEqual(terminal.notes.slice(-2), ['  p19: gone', '  and 2 more'])
  })
})
