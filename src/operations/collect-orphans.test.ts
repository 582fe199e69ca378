import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { silentLog } from '../core/log.ts'
import type { OrphanScope } from '../core/orphans.ts'
import { Plugins } from '../core/plugin.ts'
import type { NewTask } from '../core/task.ts'
import { MemoryOrphans } from '../testing/memory-orphans.ts'
import { MemoryTasks } from '../testing/memory-tasks.ts'
import { stubPlugin } from '../testing/stub-plugin.ts'
import { deleteOrphans, requestOrphanDeletionOfUnits } from './collect-orphans.ts'

const id = '6f1ed002-ab55-8d6c-b5d4-d1c3c0e3a5b1'

/** Says what it was asked for. */
class ScopedOrphans extends MemoryOrphans {
  readonly scopes: OrphanScope[] = []

  override async delete(scope: OrphanScope) {
    this.scopes.push(scope)
    return { stub: 3 }
  }
}

describe('the deletion of orphans', () => {
  let orphans: ScopedOrphans
  before(() => {
    orphans = new ScopedOrphans()
  })

  async function run(args: NewTask['arguments']) {
    orphans.scopes.length = 0
    const services = { plugins: new Plugins([stubPlugin]), orphans, tasks: new MemoryTasks() }
    const task = await requestOrphanDeletionOfUnits(services, [])
    const context = {
      task: { ...task, arguments: args },
      fence: { taskKey: 1, attempt: 1 },
      signal: new AbortController().signal,
      interrupted: false,
      log: silentLog,
      progress: () => undefined,
    }
    return deleteOrphans(services, context)
  }

  it('tells how many units went, by type or of one type', async () => {
    assert.deepEqual(await run({}), { result: { stub: 3 } })
    assert.deepEqual(orphans.scopes, [{}])
    assert.deepEqual(await run({ type: 'stub' }), { result: 3 })
    assert.deepEqual(orphans.scopes, [{ type: 'stub' }])
  })

  it('takes the named units of one type together, and tells nothing', async () => {
    const unit = { content_type_id: 'stub', unit_id: id }
    assert.deepEqual(await run({ units: [unit, unit] }), {})
    assert.deepEqual(orphans.scopes, [{ type: 'stub', wireIds: [id, id] }])
  })

  it('fails on a bad entry before it deletes anything', async () => {
    const unit = { content_type_id: 'stub', unit_id: id }
    const bad = [
      [null, 'content_type_id'],
      [{ ...unit, content_type_id: 'other' }, 'content_type_id'],
      [{ ...unit, unit_id: 'x' }, 'unit_id'],
    ] as const
    for (const [entry, field] of bad) {
      await assert.rejects(run({ units: [unit, entry] }), {
        kind: 'invalid',
        details: { fields: [field], fault: 'invalid' },
      })
      assert.deepEqual(orphans.scopes, [])
    }
  })
})
