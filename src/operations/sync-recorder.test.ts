import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Problem, SyncProgress } from '../core/sync-progress.ts'
import { mostProblems, SyncRecorder } from './sync-recorder.ts'

const problem = (type: string): Problem => ({ stage: 'file', type, key: {}, name: 'a', reason: 'gone', code: 'gone' })

describe('the problems of a sync', () => {
  it('are told up to a number, and then how many more there are', () => {
    let told: SyncProgress['problems'] = []
    const describe = (progress: SyncProgress) => {
      told = progress.problems
      return { report: {}, summary: {}, details: {} }
    }
    const recorder = new SyncRecorder({ id: 'stub_importer', describe }, () => undefined)
    for (let count = 0; count < mostProblems; count += 1) recorder.problem(problem('rpm'))
    recorder.end('finished')
    assert.deepEqual([told.length, told.at(-1)], [mostProblems, problem('rpm')])
    for (const type of ['srpm', 'rpm', 'rpm']) recorder.problem(problem(type))
    recorder.end('finished')
    assert.equal(told.length, mostProblems + 1)
    assert.deepEqual([told.at(-1)?.name, told.at(-1)?.code], ['3 more', 'more_problems'])
    assert.deepEqual(recorder.troubledTypes, new Set(['rpm', 'srpm']))
  })
})
