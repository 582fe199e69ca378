import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { RepositoryStore } from '../core/repository.ts'
import type { RepositoryGroupStore } from '../core/repository-group.ts'
import type { Fence } from '../core/task.ts'

export interface GroupStores {
  /** Of a task that runs. */
  fence(): Promise<Fence>
  readonly groups: RepositoryGroupStore
  readonly repositories: RepositoryStore
}

const wanted = (id: string, repositoryIds: readonly string[] = []) => ({
  id,
  displayName: null,
  description: 'of the zoo',
  notes: { a: 1 },
  repositoryIds,
})

const missingGroup = { kind: 'not-found', details: { resources: { repo_group: 'no' } } }

/** What every store of groups does. */
export function repositoryGroupContract(open: () => Promise<GroupStores>): void {
  async function withRepositories(...ids: readonly string[]): Promise<GroupStores & { keys: readonly number[] }> {
    const stores = await open()
    const keys: number[] = []
    for (const id of ids) {
      const made = await stores.repositories.create({ ...wanted(id), displayName: id }, undefined, [])
      keys.push(made.key)
    }
    return { ...stores, keys }
  }

  it('makes, lists, changes and deletes groups', async () => {
    const { groups } = await withRepositories('lion', 'bear')
    const made = await groups.create(wanted('zoo', ['lion', 'bear']), [])
    assert.deepEqual([made.repositoryIds, made.scratchpad, made.notes], [['bear', 'lion'], null, { a: 1 }])
    await groups.create(wanted('ark'), [])
    assert.deepEqual(
      (await groups.list()).map(({ id }) => id),
      ['ark', 'zoo'],
    )
    const changed = await groups.update('zoo', { displayName: 'Zoo', description: null, notes: {} })
    assert.deepEqual([changed.displayName, changed.description, changed.notes], ['Zoo', null, {}])
    assert.deepEqual(await groups.get('zoo'), changed)
    await groups.delete('zoo')
    await assert.rejects(groups.get('zoo'), { kind: 'not-found' })
  })

  it('makes nothing when a repository is missing, or the id is taken', async () => {
    const { groups } = await withRepositories('lion')
    const distributor = { id: 'd', type: 't', config: {} }
    const resources = { repositories: 'no, nor' }
    await assert.rejects(groups.create(wanted('zoo', ['no', 'lion', 'nor']), []), {
      kind: 'not-found',
      details: { resources },
    })
    await groups.create(wanted('zoo'), [distributor])
    await assert.rejects(groups.create(wanted('zoo'), []), { kind: 'conflict' })
    assert.deepEqual(
      (await groups.distributors('zoo')).map(({ id }) => id),
      ['d'],
    )
  })

  it('takes repositories in and out, and forgets those that are deleted', async () => {
    const { groups, repositories, keys, fence } = await withRepositories('lion', 'bear', 'wolf')
    await groups.create(wanted('zoo', ['wolf']), [])
    const [lion = 0, bear = 0, wolf = 0] = keys
    assert.deepEqual((await groups.associate('zoo', [lion, bear, wolf, 999_999])).repositoryIds, [
      'bear',
      'lion',
      'wolf',
    ])
    assert.deepEqual((await groups.unassociate('zoo', [bear, 999_999])).repositoryIds, ['lion', 'wolf'])
    await repositories.delete('lion', await fence())
    assert.deepEqual((await groups.get('zoo')).repositoryIds, ['wolf'])
  })

  it('keeps distributors of groups', async () => {
    const { groups, fence } = await withRepositories()
    await groups.create(wanted('zoo'), [])
    const made = await groups.setDistributor('zoo', { id: 'd', type: 't', config: { a: 1 } })
    assert.deepEqual([made.config, made.scratchpad, made.lastPublish], [{ a: 1 }, null, null])
    const replaced = await groups.setDistributor('zoo', { id: 'd', type: 'u', config: {} })
    assert.deepEqual([replaced.type, (await groups.distributors('zoo')).length], ['u', 1])
    assert.deepEqual((await groups.configureDistributor('zoo', 'd', { b: 2 })).config, { b: 2 })
    await groups.published(replaced.key, { seen: 3 }, await fence())
    const published = await groups.distributor('zoo', 'd')
    assert.deepEqual([published.scratchpad, published.lastPublish instanceof Date], [{ seen: 3 }, true])
    await groups.published(replaced.key, undefined, await fence())
    assert.deepEqual((await groups.distributor('zoo', 'd')).scratchpad, { seen: 3 })
    await groups.removeDistributor('zoo', 'd')
    const resources = { repo_group: 'zoo', distributor: 'd' }
    await assert.rejects(groups.distributor('zoo', 'd'), { kind: 'not-found', details: { resources } })
  })

  it('says which group is missing', async () => {
    const { groups } = await withRepositories()
    await assert.rejects(groups.get('no'), missingGroup)
    await assert.rejects(groups.update('no', { displayName: 'x' }), missingGroup)
    await assert.rejects(groups.delete('no'), missingGroup)
    await assert.rejects(groups.associate('no', [1]), missingGroup)
    await assert.rejects(groups.unassociate('no', [1]), missingGroup)
    await assert.rejects(groups.distributors('no'), missingGroup)
    await assert.rejects(groups.setDistributor('no', { id: 'd', type: 't', config: {} }), missingGroup)
  })
}
