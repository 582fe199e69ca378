import { describe } from 'node:test'
import { onEachDatabase } from '../../testing/databases.ts'
import { runningTask } from '../../testing/fences.ts'
import { MemoryRepositories } from '../../testing/memory-repositories.ts'
import { MemoryRepositoryGroups } from '../../testing/memory-repository-groups.ts'
import { repositoryGroupContract } from '../../testing/repository-group-contract.ts'
import { PostgresRepositoryStore } from '../repository-store.ts'
import { PostgresRepositoryGroupStore } from './postgres-repository-group-store.ts'

describe('Groups of repositories in memory', () => {
  repositoryGroupContract(async () => {
    const repositories = new MemoryRepositories()
    const fence = async () => ({ taskKey: 1, attempt: 1 })
    return { repositories, groups: new MemoryRepositoryGroups(repositories), fence }
  })
})

onEachDatabase('Groups of repositories', (fresh) => {
  repositoryGroupContract(async () => {
    const { database } = await fresh.open()
    return {
      repositories: new PostgresRepositoryStore(database),
      groups: new PostgresRepositoryGroupStore(database),
      fence: () => runningTask(database),
    }
  })
})
