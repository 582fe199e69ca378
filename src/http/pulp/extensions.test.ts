import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { PulpServer } from '../../testing/pulp-server.ts'
import { PulpRepository } from '../../wire/pulp/repository.ts'
import { PulpTaskReport } from '../../wire/pulp/task-report.ts'

describe('The extension retain_versions', () => {
  it('is kept with a repository, changed by a delta, and taken away by null', async () => {
    const server = new PulpServer()
    const made = await server.call('POST', 'repositories/', { id: 'zoo', retain_versions: 3 })
    assert.deepEqual([made.status, made.json.retain_versions], [201, 3])
    const shown = async () => (await server.call('GET', 'repositories/zoo/')).json
    await server.call('PUT', 'repositories/zoo/', { delta: { retain_versions: 1 } })
    assert.equal((await shown()).retain_versions, 1)
    assert.ok(Value.Check(PulpRepository, await shown()))
    await server.call('PUT', 'repositories/zoo/', { delta: { description: 'animals' } })
    assert.equal((await shown()).retain_versions, 1)
    await server.call('PUT', 'repositories/zoo/', { delta: { retain_versions: null } })
    assert.ok(!('retain_versions' in (await shown())))
  })

  it('is not shown by a repository that says nothing of it', async () => {
    const server = new PulpServer()
    const plain = await server.call('POST', 'repositories/', { id: 'zoo', retain_versions: null })
    assert.ok(!('retain_versions' in plain.json))
  })

  it('must be a whole number from 1 on', async () => {
    const server = new PulpServer()
    await server.call('POST', 'repositories/', { id: 'zoo' })
    for (const retain_versions of [0, -1, 1.5, '3', true, 1e12]) {
      for (const answer of [
        await server.call('POST', 'repositories/', { id: 'a', retain_versions }),
        await server.call('PUT', 'repositories/zoo/', { delta: { retain_versions } }),
      ]) {
        assert.deepEqual([answer.status, answer.json.error.code], [400, 'PLP0015'], String(retain_versions))
        assert.deepEqual(answer.json.property_names, ['retain_versions'])
      }
    }
  })
})

describe('The extension waiting_reason', () => {
  it('is shown by a task while it waits, and not afterwards', async () => {
    const server = new PulpServer()
    const [task] = await server.tasks.enqueue([
      { operation: 'sync-repository', arguments: {}, tags: [], resources: [] },
    ])
    assert.ok(task)
    const shown = async () => (await server.call('GET', `tasks/${task.id}/`)).json
    assert.equal((await shown()).waiting_reason, 'for a free worker')
    server.tasks.alter(task.id, { waitingReason: 'the disk is full' })
    const waiting = await shown()
    assert.equal(waiting.waiting_reason, 'the disk is full')
    assert.ok(Value.Check(PulpTaskReport, waiting))
    server.tasks.alter(task.id, { state: 'canceled' })
    assert.ok(!('waiting_reason' in (await shown())))
  })
})
