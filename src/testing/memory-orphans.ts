import type { DeletedOrphans, Orphan, OrphanScope, Orphans } from '../core/orphans.ts'

/** Orphans that a test names; deletes none. */
export class MemoryOrphans implements Orphans {
  readonly orphans: Orphan[] = []

  async count() {
    const byType = Map.groupBy(this.orphans, (orphan) => orphan.type)
    return Object.fromEntries([...byType].map(([type, orphans]) => [type, orphans.length]))
  }

  async *list(type: string) {
    yield* this.orphans.filter((orphan) => orphan.type === type)
  }

  async has(type: string, wireId: string) {
    return this.orphans.some((orphan) => orphan.type === type && orphan.wireId === wireId)
  }

  async delete(_scope: OrphanScope): Promise<DeletedOrphans> {
    return {}
  }
}
