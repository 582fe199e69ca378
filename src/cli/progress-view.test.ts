import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TaskReport } from '../clients/pulp-answers.ts'
import { taskReport } from '../testing/task-reports.ts'
import { viewProgress } from './progress-view.ts'

function running(report: unknown): TaskReport {
  return taskReport({ state: 'running', progress_report: { some_key: report }, tags: ['pulp:action:sync'] })
}

describe('The view of progress', () => {
  test('counts the packages and bytes of a yum sync', () => {
    const content = { state: 'IN_PROGRESS', items_total: 14, items_left: 4, size_total: 3800, size_left: 800 }
    assert.deepEqual(viewProgress([running({ metadata: { state: 'FINISHED' }, content })]), {
      phase: 'packages',
      items: { done: 10, total: 14 },
      bytes: { done: 3000, total: 3800 },
    })
  })

  test('names the part that a yum sync is at', () => {
    const content = { state: 'NOT_STARTED', items_total: 0 }
    assert.equal(viewProgress([running({ metadata: { state: 'IN_PROGRESS' }, content })])?.phase, 'reading metadata')
    const done = { state: 'FINISHED' }
    assert.equal(viewProgress([running({ content: done, comps: { state: 'IN_PROGRESS' } })])?.phase, 'package groups')
  })

  test('counts the files of an iso sync, whose total may not be known', () => {
    const report = {
      state: 'isos_in_progress',
      num_isos: 3,
      num_isos_finished: 1,
      total_bytes: null,
      finished_bytes: 14,
    }
    assert.deepEqual(viewProgress([running(report)]), {
      phase: 'files',
      items: { done: 1, total: 3 },
      bytes: { done: 14, total: 0 },
    })
    const manifest = { state: 'manifest_in_progress', num_isos: null }
    assert.equal(viewProgress([running(manifest)])?.phase, 'reading the manifest')
  })

  test('shows the step that is running, down to its own steps', () => {
    const report = [
      { description: 'One', state: 'FINISHED', num_processed: 1, items_total: 1 },
      {
        description: 'Two',
        state: 'IN_PROGRESS',
        sub_steps: [{ description: 'Two a', state: 'IN_PROGRESS', num_processed: 2, items_total: 9 }],
      },
      { description: 'Three', state: 'NOT_STARTED' },
    ]
    assert.deepEqual(viewProgress([running(report)]), { phase: 'Two a', items: { done: 2, total: 9 } })
  })

  test('shows the task that is not complete', () => {
    const finished = taskReport({ task_id: 'a', state: 'finished' })
    const waiting = taskReport({ task_id: 'b', state: 'waiting' })
    assert.deepEqual(viewProgress([finished, waiting]), { phase: 'waiting for a worker' })
    const held = { ...waiting, waiting_reason: 'no space' }
    assert.deepEqual(viewProgress([held]), { phase: 'waiting: no space' })
  })

  test('falls back to the action, and to nothing', () => {
    assert.deepEqual(viewProgress([running({ state: 'in_progress' })]), { phase: 'sync' })
    assert.equal(viewProgress([]), undefined)
  })

  test('does not stumble over reports of an unknown shape', () => {
    for (const report of [null, 7, 'text', [], [null], { content: null }, { num_isos: 'x' }]) {
      assert.equal(typeof viewProgress([running(report)])?.phase, 'string', JSON.stringify(report))
    }
  })
})
