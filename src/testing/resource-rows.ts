import type { NewResource, ResourceQuery, ResourceStore } from '../core/resource.ts'

/** Makes a store without resources. */
export type Make = () => Promise<ResourceStore>

/** A project and what makes rows in it. */
export async function project(store: ResourceStore, name = 'p') {
  const owner = await store.create({ type: 'project', owner: null, name, state: 'active', data: {} })
  const add = (more: Partial<NewResource> = {}) =>
    store.create({ type: 'image', owner: owner.key, state: 'active', data: {}, ...more })
  const names = async (query: Partial<ResourceQuery> = {}) => {
    const found = await store.list({ types: ['image'], filters: [], limit: 100, offset: 0, ...query })
    return found.map((one) => one.name)
  }
  return { owner: owner.key, add, names }
}

export function ago(seconds: number): Date {
  return new Date(Date.now() - seconds * 1000)
}
