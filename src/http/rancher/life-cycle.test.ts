import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isTransitioning, type LifeAction, lifeActions, lifeEnds, offeredActions } from '../../core/life-cycle.ts'
import type { ResourceType } from '../../core/resource.ts'
import { RancherServer } from '../../testing/rancher-server.ts'
import { states } from './types/common-fields.ts'
import { types } from './types/index.ts'

const actions = Object.keys(lifeActions) as LifeAction[]

describe('Every state of every type', () => {
  for (const { id, plural, actions: own } of types.filter(
    (type) => type.actions && type.stored.includes(type.id as never),
  )) {
    it(`offers its actions, does them, and refuses all others: ${id}`, async () => {
      await using server = await RancherServer.start()
      for (const state of Object.keys({ ...lifeEnds, requested: 1, active: 1, inactive: 1, removed: 1, purged: 1 })) {
        const offers: readonly string[] = offeredActions(state as never, own?.without)
        for (const action of actions) {
          const row = { type: id as ResourceType, owner: 2, state: state as never, data: {} }
          const { key } = await server.resources.create(row)
          const url = `/v1/${plural.toLowerCase()}/1x${key}`
          const shown = await server.get(url)
          assert.deepEqual(Object.keys(shown.json['actions'] as object), offers, `${id} ${state}`)
          const answer = await server.post(`${url}/?action=${action}`, {})
          const lacking = own?.without?.includes(action) === true
          const code = lacking ? 'InvalidAction' : 'ActionNotAvailable'
          if (offers.includes(action)) {
            assert.deepEqual([answer.status, answer.json['state']], [202, lifeActions[action][state as never]])
          } else assert.deepEqual([answer.status, answer.json['code'], answer.json['fieldName']], [422, code, 'action'])
        }
      }
    })
  }

  it('is one that the schema names', () => {
    const all = new Set([...Object.keys(lifeEnds), ...Object.values(lifeEnds), 'requested', 'removed', 'purged'])
    assert.deepEqual([...all].toSorted(), states)
  })
})

describe('A resource in transition', () => {
  it('says so, with a message and progress that are its own', async () => {
    await using server = await RancherServer.start()
    const { key } = await server.resources.create({ type: 'pullTask', owner: 2, state: 'registering', data: {} })
    const look = async () => {
      const { json } = await server.get(`/v1/pulltasks/1pt${key}`)
      return [json['transitioning'], json['transitioningMessage'], json['transitioningProgress']]
    }
    assert.deepEqual(await look(), ['yes', 'In Progress', null])
    await server.resources.change(key, ['registering'], { message: 'Pulling x on h', progress: 41.9 })
    assert.deepEqual(await look(), ['yes', 'Pulling x on h', 41])
    await server.resources.change(key, ['registering'], { state: 'active' })
    assert.deepEqual(await look(), ['no', null, null])
    await server.resources.change(key, ['active'], { failed: true, message: 'no luck' })
    assert.deepEqual(await look(), ['error', 'no luck', null])
  })

  it('is true of every transitioning state and no other', async () => {
    await using server = await RancherServer.start()
    for (const state of states) {
      const { key } = await server.resources.create({ type: 'image', owner: 2, state: state as never, data: {} })
      const { json } = await server.get(`/v1/images/1i${key}`)
      assert.equal(json['transitioning'], isTransitioning(state as never) ? 'yes' : 'no', state)
    }
  })
})

describe('The life of a pull task', () => {
  it('goes through all of it by the actions that it offers (rancher-api §2.4)', async () => {
    await using server = await RancherServer.start()
    const made = await server.post('/v1/projects/1a2/pulltasks', { image: 'busybox' })
    const key = Number(String(made.json['id']).slice(3))
    const walk = [
      ...['deactivate inactive', 'remove removed', 'restore inactive', 'activate active', 'update active'],
      ...['deactivate inactive', 'remove removed', 'purge purged'],
    ]
    let url = (made.json['links'] as Record<string, string>)['self'] ?? ''
    for (const step of walk) {
      const [action = '', state] = step.split(' ')
      await server.operations.settle(key, 'pullTask')
      const { json } = await server.get(url)
      assert.equal(json['removed'] !== null, json['state'] === 'removed')
      assert.equal(typeof json['removedTS'], json['state'] === 'removed' ? 'number' : 'undefined')
      const begun = await server.post((json['actions'] as Record<string, string>)[action] ?? '')
      assert.equal(begun.status, 202, step)
      assert.equal((await server.operations.settle(key, 'pullTask')).state, state)
      url = (begun.json['links'] as Record<string, string>)['self'] ?? ''
    }
    const { status, json } = await server.get(url)
    assert.deepEqual([status, json['state'], json['actions']], [200, 'purged', {}])
  })

  it('is deleted only where remove is offered', async () => {
    await using server = await RancherServer.start()
    for (const state of states) {
      const { key } = await server.resources.create({ type: 'host', owner: 2, state: state as never, data: {} })
      const { status, json } = await server.call(`/v1/hosts/1h${key}`, { method: 'DELETE' })
      const offers = offeredActions(state as never).includes('remove')
      assert.deepEqual([status, json['state']], offers ? [200, 'removing'] : [405, undefined], state)
    }
  })
})
