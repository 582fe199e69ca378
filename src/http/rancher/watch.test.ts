import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { before, describe, it } from 'node:test'
import { DeckleError } from '../../core/errors.ts'
import type { Actor } from '../../core/managed.ts'
import type { Resource } from '../../core/resource.ts'
import { MemoryManaged, MemoryRollouts } from '../../testing/memory-managed.ts'
import { MemoryResources } from '../../testing/memory-resources.ts'
import type { RancherServices } from './services.ts'
import { watchAs } from './watch.ts'

describe('who subscribes', () => {
  const resources = new MemoryResources()
  let services: RancherServices
  let [mine, other]: Resource[] = []
  let task: Resource
  before(async () => {
    const project = { type: 'project', owner: null, state: 'active', data: {} } as const
    mine = await resources.create({ ...project, name: 'mine' })
    other = await resources.create({ ...project, name: 'other' })
    const row = { type: 'pullTask', state: 'active', data: { image: 'busybox', mode: 'all' } } as const
    task = await resources.create({ ...row, owner: mine.key })
    const actors: Record<string, Actor> = {
      admin: { role: 'admin', account: 1, project: null, name: 'admin' },
      mine: { role: 'project', account: mine.key, project: mine.key, name: 'mine' },
      other: { role: 'project', account: other.key, project: other.key, name: 'other' },
    }
    services = {
      resources,
      operations: new MemoryManaged(resources),
      rollouts: new MemoryRollouts(),
      accessControl: true,
      async authenticate(header = '') {
        const actor = actors[header]
        if (actor === undefined) throw new DeckleError('unauthenticated', 'Who is that?')
        return actor
      },
      projectsOf: async () => [],
    }
  })

  function request(url: string, authorization: string): IncomingMessage {
    const made = new IncomingMessage(new Socket())
    made.url = url
    made.headers = { authorization, host: 'deckle:8080' }
    return made
  }

  it('sees resources as the API shows them, with links of the address that he came to', async () => {
    const look = await watchAs(services, request('/v1/subscribe?eventNames=resource.change', 'mine'))
    const seen = await look(task.key)
    assert.deepEqual([seen?.type, seen?.id, seen?.resource['image']], ['pullTask', `1pt${task.key}`, 'busybox'])
    assert.deepEqual(seen?.resource['links'], {
      self: `http://deckle:8080/v1/pulltasks/1pt${task.key}`,
      account: `http://deckle:8080/v1/pulltasks/1pt${task.key}/account`,
      hostPulls: `http://deckle:8080/v1/pulltasks/1pt${task.key}/hostpulls`,
    })
    const inside = await watchAs(services, request(`/v1/projects/1a${mine?.key}/subscribe`, 'admin'))
    const { self } = Object(await inside(task.key)).resource.links
    assert.equal(self, `http://deckle:8080/v1/projects/1a${mine?.key}/pulltasks/1pt${task.key}`)
  })

  it('sees nothing of others, of agents’ keys, and of what is gone', async () => {
    const stranger = await watchAs(services, request('/v1/subscribe', 'other'))
    assert.equal(await stranger(task.key), undefined)
    const key = await resources.create({ type: 'agentKey', owner: 1, state: 'active', data: {} })
    const admin = await watchAs(services, request('/v1/subscribe', 'admin'))
    assert.deepEqual([await admin(key.key), await admin(12345)], [undefined, undefined])
    assert.equal((await admin(task.key))?.id, `1pt${task.key}`)
  })

  it('is refused without credentials, and in a project that is not his', async () => {
    await assert.rejects(watchAs(services, request('/v1/subscribe', 'nobody')), { kind: 'unauthenticated' })
    const foreign = request(`/v1/projects/1a${mine?.key}/subscribe`, 'other')
    await assert.rejects(watchAs(services, foreign), { kind: 'forbidden' })
  })
})
