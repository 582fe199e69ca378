import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TaskReport } from '../src/clients/pulp-answers.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { makeMirror, sync, syncWell } from './support/mirrors.ts'
import { metadataCases } from './support/nasty-upstreams/metadata-cases.ts'
import { type Failure, isFailure, type NastyCase, type Success } from './support/nasty-upstreams/nasty-case.ts'
import { NastyUpstream } from './support/nasty-upstreams/nasty-upstream.ts'
import { packageCases } from './support/nasty-upstreams/package-cases.ts'
import { transferCases } from './support/nasty-upstreams/transfer-cases.ts'
import { memoryOf, workerSlotsOf } from './support/processes.ts'
import { metadataOf, publishedChecksums } from './support/published.ts'
import { call, read, SyncHistory } from './support/pulp-calls.ts'
import { sharedServer } from './support/servers.ts'

const cases = [...transferCases, ...metadataCases, ...packageCases]
const workers = 4
/** Megabytes that one slot may hold at most, whatever it is given: some 130 are the program. */
const mostMegabytes = 400

onOneDatabase('a sync with an upstream that', (fresh) => {
  const server = sharedServer(fresh, () => ({
    DECKLE_WORKERS: String(workers),
    DECKLE_UPSTREAM_STALL_SECONDS: '2',
  }))
  test('is nasty', { concurrency: 2 * workers, timeout: 600_000 }, async (t) => {
    await Promise.all(
      cases.map((one, index) => {
        const what = isFailure(one.outcome) ? 'changes nothing, and says why' : 'gives all that is sound'
        return t.test(`${one.name} ${what}`, () => run(one, `nasty-${index}`))
      }),
    )
  })

  test('is bad in whatever way takes little memory', (t) => {
    const slots = workerSlotsOf(server().pid)
    assert.ok(slots.length > 0)
    for (const { pid } of slots) {
      const { peak } = memoryOf(pid)
      t.diagnostic(`a slot held ${peak.toFixed()} MB at most`)
      assert.ok(peak < mostMegabytes, `${peak} MB`)
    }
  })

  async function run(one: NastyCase, id: string): Promise<void> {
    const upstream = await NastyUpstream.start()
    const url = await makeMirror(server(), id, { feed: upstream.feed })
    if (isFailure(one.outcome)) {
      upstream.publish()
      await syncWell(server(), id)
    }
    upstream.add()
    one.spoil(upstream)
    upstream.publish()
    if (isFailure(one.outcome)) await fails(id, url, one.outcome)
    else await succeeds(id, url, upstream, one.outcome)
  }

  async function fails(id: string, url: string, { code, message }: Failure): Promise<void> {
    const before = await metadataOf(url)
    const tasks = await sync(server(), id)
    assert.deepEqual([tasks[0]?.state, tasks.length], ['error', 1], 'nothing is published')
    assert.match(tasks[0]?.error?.description ?? '', message)
    assert.equal(tasks[0]?.error?.code, code)
    assert.equal(await lastResult(id), 'error')
    assert.deepEqual(await metadataOf(url), before)
  }

  async function succeeds(id: string, url: string, upstream: NastyUpstream, outcome: Success): Promise<void> {
    const { problems = {}, without = [], counts = {}, tree, check } = outcome
    const tasks = await syncWell(server(), id)
    const report = reportOf(tasks)
    assert.deepEqual(problemsIn(report), problems)
    assert.equal(await lastResult(id), 'success')
    assert.deepEqual(await publishedChecksums(url), upstream.soundFiles(without))
    const { content_unit_counts } = await server().client.repository(id)
    for (const [type, count] of Object.entries(counts)) assert.equal(content_unit_counts[type], count, type)
    assert.equal(report.distribution.state, tree === undefined ? 'SKIPPED' : 'FAILED')
    assert.match(String(report.distribution.error_details[0]?.[1] ?? ''), tree ?? /^$/)
    await check?.(upstream, url)
  }

  async function lastResult(id: string): Promise<string | undefined> {
    const path = `/pulp/api/v2/repositories/${id}/history/sync/?limit=1`
    return read(SyncHistory, await call(server(), 'GET', path))[0]?.result
  }
})

interface YumReport {
  readonly content: { readonly error_details: readonly ErrorDetail[] }
  readonly distribution: { readonly state: string; readonly error_details: readonly (readonly string[])[] }
}

interface ErrorDetail {
  readonly name?: string
  readonly unit_key?: { readonly name: string; readonly version: string }
  readonly error_code: string
}

function reportOf([task]: readonly TaskReport[]): YumReport {
  return task?.progress_report['yum_importer'] as YumReport
}

/** Sizes are told by the unit's key. */
function problemsIn({ content }: YumReport): Record<string, string> {
  return Object.fromEntries(
    content.error_details.map(({ name, unit_key: key, error_code }) => [
      name ?? `${key?.name}-${key?.version}-1.noarch.rpm`,
      error_code,
    ]),
  )
}
