import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { taskReport } from '../testing/task-reports.ts'
import { describeTask, taskTable } from './task-commands.ts'

describe('A task that waits for something', () => {
  const waiting = taskReport({ task_id: 'a', state: 'waiting', start_time: null, waiting_reason: 'the disk is full' })

  it('says why in the list and on its own', () => {
    assert.match(taskTable([waiting]), /^a +waiting .*waits: the disk is full$/m)
    assert.match(describeTask(waiting), /^waits: the disk is full$/m)
  })

  it('is told from one that waits for a worker', () => {
    const plain = taskReport({ task_id: 'a', state: 'waiting', start_time: null })
    assert.doesNotMatch(taskTable([plain]) + describeTask(plain), /waits:/)
  })
})
