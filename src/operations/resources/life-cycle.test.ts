// Runs in a process of its own: it stops the clock.
import assert from 'node:assert/strict'
import { beforeEach, describe, it, mock } from 'node:test'
import { type LifeAction, type LifeState, lifeActions } from '../../core/life-cycle.ts'
import type { Log } from '../../core/log.ts'
import { type Resource, type ResourceType, resourceTypes } from '../../core/resource.ts'
import { ManualPulls, managedOver, newServersResources, rowOf } from '../../testing/managed-bench.ts'
import type { MemoryResources } from '../../testing/memory-resources.ts'

const states = [
  ...(['requested', 'registering', 'activating', 'active', 'deactivating', 'inactive', 'updating-active'] as const),
  ...(['updating-inactive', 'removing', 'removed', 'purging', 'purged', 'restoring'] as const),
]
const actions = Object.keys(lifeActions) as LifeAction[]

/** rancher-api §2.1: action → where it may begin → [what is seen at once, where it ends]. */
const expected: Readonly<Record<LifeAction, Partial<Record<LifeState, readonly [LifeState, LifeState]>>>> = {
  create: { requested: ['registering', 'active'] },
  activate: { inactive: ['activating', 'active'], registering: ['activating', 'active'] },
  deactivate: {
    active: ['deactivating', 'inactive'],
    activating: ['deactivating', 'inactive'],
    registering: ['deactivating', 'inactive'],
    'updating-active': ['deactivating', 'inactive'],
    'updating-inactive': ['deactivating', 'inactive'],
  },
  update: { active: ['updating-active', 'active'], inactive: ['updating-inactive', 'inactive'] },
  remove: {
    requested: ['removing', 'removed'],
    registering: ['removing', 'removed'],
    inactive: ['removing', 'removed'],
    'updating-active': ['removing', 'removed'],
    'updating-inactive': ['removing', 'removed'],
  },
  purge: { removed: ['purging', 'purged'] },
  restore: { removed: ['restoring', 'inactive'] },
}
const credentials: readonly ResourceType[] = ['agentKey', 'apiKey', 'registrationToken', 'registryCredential']

describe('the life of a resource', () => {
  let resources: MemoryResources
  let pulls: ManualPulls
  let bench: ReturnType<typeof managedOver>
  beforeEach(async () => {
    resources = await newServersResources()
    pulls = new ManualPulls()
    bench = managedOver(resources, pulls)
  })

  const make = (type: ResourceType, state: LifeState) => resources.create({ type, owner: 5, state, data: {} })
  const now = (resource: Resource) => rowOf(resources, resource)

  for (const type of resourceTypes) {
    it(`of type ${type} allows each action in its states, leads to its end, and refuses all others`, async () => {
      for (const state of states) {
        for (const action of actions) {
          const resource = await make(type, state)
          const way = action === 'restore' && credentials.includes(type) ? undefined : expected[action][state]
          if (way === undefined) {
            const refusal = { kind: 'invalid', details: { code: 'ActionNotAvailable', fields: ['action'] } }
            await assert.rejects(bench.life.act(resource, action), refusal, `${action} in ${state}`)
            assert.deepEqual(await now(resource), resource)
            continue
          }
          assert.equal((await bench.life.act(resource, action)).state, way[0], `${action} in ${state}`)
          await bench.life.idle()
          pulls.pulling.clear()
          await bench.life.settle(resource.key)
          const { state: end, removed, removeTime, failed } = await now(resource)
          assert.deepEqual([end, failed], [way[1], false], `${action} in ${state}`)
          assert.deepEqual([removed !== null, removeTime !== null], [end === 'removed', end === 'removed'])
        }
      }
    })
  }

  it('goes on by itself after it was made', async () => {
    const image = await make('image', 'registering')
    bench.life.begin(image)
    await bench.life.idle()
    assert.equal((await now(image)).state, 'active')
  })

  it('takes one of two actions at once, and the other is a conflict', async () => {
    for (const [one, other] of [
      ['deactivate', 'deactivate'],
      ['deactivate', 'update'],
      ['update', 'update'],
    ] as const) {
      const image = await make('image', 'active')
      const ends = await Promise.allSettled([bench.life.act(image, one), bench.life.act(image, other)])
      assert.deepEqual(ends.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
      const lost = ends.find((end) => end.status === 'rejected')
      assert.equal(lost?.reason.kind, 'conflict')
      await bench.life.idle()
    }
  })

  it('forgets what was said of the transition that ended', async () => {
    const image = await make('image', 'deactivating')
    const told = await resources.change(image.key, ['deactivating'], { message: 'm', progress: 5, failed: true })
    assert.ok(told)
    await bench.life.goOn(told)
    const { message, progress, failed } = await now(image)
    assert.deepEqual({ message, progress, failed }, { message: null, progress: null, failed: false })
  })

  it('is over for what is gone', async () => {
    await assert.doesNotReject(bench.life.settle(4711))
  })

  it('ends with a purge a minute after the removal, and its row goes two days later', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-01-02T03:04:05Z') })
    try {
      const image = await make('image', 'inactive')
      await bench.life.act(image, 'remove')
      await bench.life.idle()
      const look = async (milliseconds: number) => {
        mock.timers.tick(milliseconds)
        await bench.sweeper.look()
        await bench.life.idle()
      }
      assert.deepEqual((await now(image)).removeTime, new Date('2026-01-02T03:05:05Z'))
      await look(59_999)
      assert.equal((await now(image)).state, 'removed')
      await look(1)
      const purged = await now(image)
      assert.deepEqual([purged.state, purged.removed], ['purged', new Date('2026-01-02T03:04:05Z')])
      await look(2 * 86_400_000 - 1)
      assert.equal((await now(image)).state, 'purged')
      await look(1)
      await assert.rejects(now(image), { kind: 'not-found' })
    } finally {
      mock.timers.reset()
    }
  })

  it('is not purged once it was restored', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() })
    try {
      const image = await make('image', 'inactive')
      for (const action of ['remove', 'restore'] as const) {
        await bench.life.act(await now(image), action)
        await bench.life.idle()
      }
      mock.timers.tick(3_600_000)
      await bench.sweeper.look()
      assert.equal((await now(image)).state, 'inactive')
    } finally {
      mock.timers.reset()
    }
  })
})

describe('a pull task', () => {
  let resources: MemoryResources
  let pulls: ManualPulls
  let bench: ReturnType<typeof managedOver>
  let task: Resource
  beforeEach(async () => {
    resources = await newServersResources()
    pulls = new ManualPulls()
    bench = managedOver(resources, pulls)
    task = await resources.create({ type: 'pullTask', owner: 5, state: 'registering', data: { image: 'busybox' } })
  })
  const now = () => rowOf(resources, task)
  const act = async (action: LifeAction) => {
    await bench.life.act(await now(), action)
    await bench.life.idle()
  }
  const begin = async () => {
    bench.life.begin(task)
    await bench.life.idle()
  }

  it('stays in its transition until its hosts have ended', async () => {
    await begin()
    assert.equal((await now()).state, 'registering')
    await bench.sweeper.look()
    assert.equal((await now()).state, 'registering')
    pulls.pulling.clear()
    await bench.life.settle(task.key)
    assert.equal((await now()).state, 'active')
  })

  it('waits for the same end when it is activated before', async () => {
    await begin()
    await act('activate')
    assert.equal((await now()).state, 'activating')
    pulls.pulling.clear()
    await bench.life.settle(task.key)
    assert.equal((await now()).state, 'active')
    assert.deepEqual(pulls.calls, [`begin ${task.key}`])
  })

  for (const [action, end] of [
    ['deactivate', 'inactive'],
    ['remove', 'removed'],
  ] as const) {
    it(`ends its pulls with ${action}, and never pulls again`, async () => {
      await begin()
      await act(action)
      assert.deepEqual([(await now()).state, [...pulls.pulling]], [end, []])
      if (end === 'removed') await act('restore')
      await act('activate')
      assert.equal((await now()).state, 'active')
      assert.deepEqual(pulls.calls, [`begin ${task.key}`, `cancel ${task.key}`])
    })
  }

  it('that is deactivated while its hosts are chosen pulls nowhere', async () => {
    const gate = Promise.withResolvers<void>()
    pulls.gate = gate.promise
    bench.life.begin(task)
    await bench.life.act(await now(), 'deactivate')
    gate.resolve()
    await bench.life.idle()
    assert.deepEqual([(await now()).state, [...pulls.pulling]], ['inactive', []])
  })

  it('whose work fails says why and is taken up again', async () => {
    const lines: string[] = []
    const log: Log = { info() {}, error() {}, warn: (line) => lines.push(line), with: () => log }
    const failing = managedOver(resources, pulls, log)
    pulls.gate = Promise.reject(new Error('no database'))
    await failing.life.goOn(task)
    const { state, failed, message } = await now()
    assert.deepEqual([state, failed, message, lines.length], ['registering', true, 'no database', 1])
    pulls.gate = Promise.resolve()
    await failing.sweeper.look()
    pulls.pulling.clear()
    await failing.sweeper.look()
    assert.deepEqual([(await now()).state, (await now()).failed], ['active', false])
  })
})
