import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '../core/log.ts'
import type { VersionRetention } from '../core/retention.ts'
import { eventually } from '../testing/eventually.ts'
import { collectVersions } from './collect-versions.ts'
import { Maintenance, type MaintenanceStep } from './maintain.ts'
import { pruneRecords } from './prune-records.ts'

const free = {
  async hold(work: () => Promise<void>) {
    await work()
    return true
  },
}
const taken = { hold: async () => false }

function counting(name: string, everyTicks: number, calls: string[]): MaintenanceStep {
  return {
    name,
    everyTicks,
    async run() {
      calls.push(name)
      return undefined
    },
  }
}

function maintenance(steps: readonly MaintenanceStep[], more: object = {}): Maintenance {
  return new Maintenance({ steps, lock: free, log: silentLog, intervalMs: 1, ...more })
}

describe('maintenance', () => {
  it('does every step at first, and each at its own interval from then on', async () => {
    const calls: string[] = []
    const loop = maintenance([counting('often', 1, calls), counting('rarely', 3, calls)])
    for (let tick = 0; tick < 4; tick++) await loop.tick()
    assert.deepEqual(calls, ['often', 'rarely', 'often', 'often', 'often', 'rarely'])
  })

  it('does nothing while another process is at it', async () => {
    const calls: string[] = []
    await maintenance([counting('step', 1, calls)], { lock: taken }).tick()
    assert.deepEqual(calls, [])
  })

  it('goes on with the next step when one fails, and says which', async () => {
    const calls: string[] = []
    const lines: unknown[] = []
    const log = { ...silentLog, warn: (_: string, fields: object = {}) => lines.push(fields) }
    const failing: MaintenanceStep = { name: 'bad', everyTicks: 1, run: () => Promise.reject(new Error('no luck')) }
    await maintenance([failing, counting('good', 1, calls)], { log }).tick()
    assert.deepEqual([calls, lines], [['good'], [{ step: 'bad', reason: 'no luck' }]])
  })

  it('says what a step has done, and nothing of one that had nothing to do', async () => {
    const lines: unknown[] = []
    const log = { ...silentLog, info: (_: string, fields: object = {}) => lines.push(fields) }
    const busy: MaintenanceStep = { name: 'busy', everyTicks: 1, run: async () => ({ deleted: 2 }) }
    await maintenance([busy, counting('idle', 1, [])], { log }).tick()
    assert.deepEqual(lines, [{ step: 'busy', deleted: 2 }])
  })

  it('ticks by itself, also after a tick that failed, until it is stopped', async () => {
    let ticks = 0
    const lock = {
      async hold(): Promise<boolean> {
        ticks += 1
        throw new Error('no database')
      },
    }
    const loop = maintenance([], { lock })
    loop.start()
    await eventually(async () => ticks >= 3)
    await loop.stop()
  })

  it('tells a step to stop, waits for it, and begins no other', async () => {
    const calls: string[] = []
    const begun = Promise.withResolvers<void>()
    const long: MaintenanceStep = {
      name: 'long',
      everyTicks: 1,
      async run(signal) {
        begun.resolve()
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        calls.push('stopped')
        return undefined
      },
    }
    const loop = maintenance([long, counting('next', 1, calls)])
    loop.start()
    await begun.promise
    await loop.stop()
    assert.deepEqual(calls, ['stopped'])
  })

  it('deletes records in batches until there are no more', async () => {
    const left = [1_000, 1_000, 7]
    const deleted = await pruneRecords(async () => left.shift() ?? assert.fail('asked again'), unaborted)
    assert.deepEqual(deleted, { deleted: 2_007 })
    assert.equal(await pruneRecords(async () => 0, unaborted), undefined)
  })

  it('ends between two batches when it is told to', async () => {
    const stop = new AbortController()
    const deleteSome = async () => {
      stop.abort()
      return 1_000
    }
    assert.deepEqual(await pruneRecords(deleteSome, stop.signal), { deleted: 1_000 })
    const step = { versions: 0, publications: 0, memberships: 5, more: true }
    const retention: VersionRetention = { ...noGroups, due: async () => [1, 2], prune: async () => step }
    assert.equal(await collectVersions(retention, stop.signal), undefined)
  })

  it('prunes each repository until nothing is left, and sums it up', async () => {
    const step = { versions: 0, publications: 1, memberships: 5, more: true }
    const steps = [step, { ...step, versions: 2, more: false }, { ...step, more: false }]
    const asked: number[] = []
    const retention: VersionRetention = {
      pruneGroups: async () => 4,
      due: async () => [7, 8],
      async prune(repository) {
        asked.push(repository)
        return steps.shift() ?? assert.fail('asked again')
      },
    }
    const sum = await collectVersions(retention, unaborted)
    assert.deepEqual([asked, sum], [[7, 7, 8], { repositories: 2, versions: 2, publications: 7, memberships: 15 }])
  })
})

const noGroups = { pruneGroups: async () => 0 }
const unaborted = new AbortController().signal
