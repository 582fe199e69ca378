import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { sha256Hex } from '../core/digest.ts'
import type { Importer, SyncEvent, SyncRun } from '../core/importer.ts'
import { silentLog } from '../core/log.ts'
import type { ReadyUnit, VersionDraft } from '../core/repository-version.ts'
import type { DiscoveredUnit } from '../core/unit.ts'
import type { Upstream } from '../core/upstream.ts'
import { aThing, thingType } from '../testing/catalog.ts'
import { stubPlugin } from '../testing/stub-plugin.ts'
import { suiteBlobs } from '../testing/suite-blobs.ts'
import { SyncRecorder } from './sync-recorder.ts'
import { SyncSession } from './sync-session.ts'

const unit = aThing('a', 'content of a')

/** A draft that finds the file stored, and then so often gone when it is to be shared. */
class VanishingDraft implements VersionDraft {
  readonly base = { number: 0, created: new Date(0), counts: {}, fileBytes: 0, pruned: false }
  readonly added: ReadyUnit[] = []
  examined = 0
  #vanishes: number

  constructor(vanishes: number) {
    this.#vanishes = vanishes
  }

  async examine(units: Parameters<VersionDraft['examine']>[0]) {
    this.examined += 1
    const missing = this.examined > 1 ? [{ index: 0 }] : []
    return units.map((one) => ({ unit: one, missing }))
  }

  async add(units: readonly ReadyUnit[]) {
    this.#vanishes -= 1
    if (this.#vanishes >= 0) return units.map((ready) => ready.unit)
    this.added.push(...units)
    return []
  }

  keep() {}
  async take() {
    return []
  }
  async drop() {}
  readonly lost: string[] = []
  async removeMissing(types: readonly string[]) {
    this.lost.push(...types)
  }
  async abandon() {}
  async commit() {
    return { version: this.base, added: this.added.length, updated: 0, removed: 0 }
  }
}

describe('a sync whose shared files are deleted at this moment', () => {
  const blobs = suiteBlobs()

  function session(draft: VersionDraft, reserved: string[] = []) {
    const importer = importerOf(unit)
    return new SyncSession({
      events: importer.sync(run),
      signal: run.signal,
      policy: { removeMissing: false, download: 'immediate' },
      draft,
      kept: () => undefined,
      upstream,
      blobCatalog: { reserve: async (some) => void reserved.push(...some.map((blob) => blob.sha256)) },
      blobs: blobs.store,
      space: { shortage: async () => undefined },
      recorder: new SyncRecorder(importer, () => undefined),
    })
  }

  it('fetches them', async () => {
    const draft = new VanishingDraft(1)
    const reserved: string[] = []
    const commit = await session(draft, reserved).run()
    assert.equal(commit.added, 1)
    assert.equal(draft.added[0]?.fetched.get(0)?.sha256, sha256Hex('content of a'))
    assert.deepEqual(reserved, [sha256Hex('content of a')])
    assert.notEqual(await blobs.store.size(sha256Hex('content of a')), undefined)
  })

  it('gives up when that happens again and again', async () => {
    const failure = { kind: 'conflict', message: new RegExp(`stored files of ${thingType.id} {"name":"a"} vanish`) }
    await assert.rejects(session(new VanishingDraft(100)).run(), failure)
  })
})

describe('a sync that tells which types a repository holds as upstream does', () => {
  const blobs = suiteBlobs()

  async function lost(removeMissing: boolean, ...events: readonly SyncEvent[]): Promise<readonly string[]> {
    const draft = new VanishingDraft(0)
    await new SyncSession({
      events: Readable.from(events),
      signal: run.signal,
      policy: { removeMissing, download: 'immediate' },
      draft,
      kept: () => undefined,
      upstream,
      blobCatalog: { reserve: async () => undefined },
      blobs: blobs.store,
      space: { shortage: async () => undefined },
      recorder: new SyncRecorder(importerOf(), () => undefined),
    }).run()
    return draft.lost
  }

  const problem = { stage: 'file', key: {}, name: 'x', reason: 'because', code: 'x' } as const

  it('takes the others out whatever the policy', async () => {
    const events = [{ complete: ['package'] }, { only: ['tree'] }]
    assert.deepEqual(await lost(false, ...events), ['tree'])
    assert.deepEqual(await lost(true, ...events), ['tree', 'package'])
  })

  it('leaves them where there was a problem with one', async () => {
    assert.deepEqual(await lost(false, { only: ['tree'] }, { problem: { ...problem, type: 'tree' } }), [])
    assert.deepEqual(await lost(false, { only: ['tree'] }, { problem: { ...problem, type: 'package' } }), ['tree'])
  })
})

describe('a sync of more units than go into one batch', () => {
  const blobs = suiteBlobs()

  it('makes the files of a batch durable while the one before is still being recorded, which keeps the order', async () => {
    const secondReserved = Promise.withResolvers<void>()
    let reservations = 0
    const draft = new VanishingDraft(0)
    const units = Array.from({ length: 129 }, (_, index) => aThing(`a${index}`, 'content of a'))
    await new SyncSession({
      events: importerOf(...units).sync(run),
      signal: run.signal,
      policy: { removeMissing: false, download: 'immediate' },
      draft: Object.assign(draft, {
        examine: async (some: readonly DiscoveredUnit[]) => some.map((one) => ({ unit: one, missing: [{ index: 0 }] })),
        async add(ready: readonly ReadyUnit[]) {
          if (ready.length > 1) await secondReserved.promise
          draft.added.push(...ready)
          return []
        },
      }),
      kept: () => undefined,
      upstream,
      blobCatalog: {
        async reserve() {
          reservations += 1
          if (reservations === 2) secondReserved.resolve()
        },
      },
      blobs: blobs.store,
      space: { shortage: async () => undefined },
      recorder: new SyncRecorder(importerOf(), () => undefined),
    }).run()
    assert.deepEqual(
      draft.added.map((ready) => ready.unit),
      units,
    )
  })
})

function importerOf(...units: readonly DiscoveredUnit[]): Importer {
  const [stub] = stubPlugin.importers
  if (stub === undefined) throw new Error('the stub plugin has no importer')
  return {
    ...stub,
    async *sync() {
      yield { units }
    },
  }
}

const upstream: Upstream = {
  download: (url, consume) => consume(body(), { url, headers: {} }),
  close: async () => undefined,
}

async function* body(): AsyncIterable<Uint8Array> {
  yield Buffer.from('content of a')
}

async function never(): Promise<never> {
  throw new Error('this importer reads no documents')
}

const run: SyncRun<unknown> = {
  repository: { id: 'r' },
  config: {},
  remembered: undefined,
  scratchpad: null,
  keep: () => undefined,
  signal: new AbortController().signal,
  log: silentLog,
  fetch: never,
  scratch: never,
  async *members() {},
  async *held() {},
  part: () => undefined,
  expect: () => undefined,
}
