import { describe } from 'node:test'
import { MemoryResources } from './memory-resources.ts'
import { resourceContract } from './resource-contract.ts'

describe('resources in memory', () => {
  resourceContract(async () => new MemoryResources())
})
