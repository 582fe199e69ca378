import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PulpServer } from '../../testing/pulp-server.ts'

describe('actions on versions', () => {
  const server = new PulpServer()
  void server.repositories.create({ id: 'zoo', displayName: null, description: null, notes: {} }, undefined, [])

  async function queue(action: string, body: unknown) {
    const answer = await server.call('POST', `repositories/zoo/actions/${action}/`, body)
    assert.equal(answer.status, 202, answer.text)
    const { tags, operation, arguments: args } = await server.tasks.get(answer.json.spawned_tasks[0].task_id)
    return { tags, operation, args }
  }

  it('queue a roll-back, which is published unless it is not to be', async () => {
    assert.deepEqual(await queue('rollback', { version: 3 }), {
      tags: ['repository:zoo', 'action:rollback'],
      operation: 'rollback-repository',
      args: { repository: 'zoo', version: 3, publish: true },
    })
    assert.equal((await queue('rollback', { version: 0, publish: false })).args['publish'], false)
  })

  it('queue a promotion of a version of another repository', async () => {
    const { args } = await queue('promote', { source_repo_id: 'dev', source_version: 7 })
    assert.deepEqual(args, { repository: 'zoo', source: 'dev', version: 7, publish: true })
  })

  it('refuse what they cannot read', async () => {
    for (const [action, body, fields] of [
      ['rollback', {}, ['version']],
      ['rollback', { version: '3' }, ['version']],
      ['rollback', { version: -1 }, ['version']],
      ['rollback', { version: 2 ** 31 }, ['version']],
      ['rollback', { version: 1, publish: 'no' }, ['publish']],
      ['promote', {}, ['source_repo_id']],
      ['promote', { source_repo_id: 'dev', source_version: 1.5 }, ['source_version']],
    ] as const) {
      const { status, json } = await server.call('POST', `repositories/zoo/actions/${action}/`, body)
      assert.equal(status, 400, JSON.stringify(body))
      assert.deepEqual(json.error.data.property_names ?? json.error.data.missing_property_names, fields)
    }
  })
})
