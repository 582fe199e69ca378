import type { ResourceStore } from '../core/resource.ts'

export class Died extends Error {}

/**
 * A store whose process dies with a certain call, before or after it was carried out; every later call fails too. `calls` counts.
 */
export function dyingResources(store: ResourceStore, { at, after }: { readonly at: number; readonly after: boolean }) {
  let calls = 0
  const step = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    calls += 1
    if (calls > at || (calls === at && !after)) throw new Died('the process has died')
    const last = calls === at
    const result = await call()
    if (last) throw new Died('the process has died')
    return result
  }
  const dying: ResourceStore = {
    create: (resource) => step(() => store.create(resource)),
    get: (types, key) => step(() => store.get(types, key)),
    find: (type, owner, identity) => step(() => store.find(type, owner, identity)),
    findAnywhere: (type, identity) => step(() => store.findAnywhere(type, identity)),
    list: (query) => step(() => store.list(query)),
    change: (key, from, change) => step(() => store.change(key, from, change)),
    unsettled: (seconds, limit) => step(() => store.unsettled(seconds, limit)),
    toPurge: (limit) => step(() => store.toPurge(limit)),
    deletePurged: (days, limit) => step(() => store.deletePurged(days, limit)),
    changes: (listener) => store.changes(listener),
  }
  return { dying, calls: () => calls }
}
