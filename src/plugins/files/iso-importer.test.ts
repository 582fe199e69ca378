import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DeckleError } from '../../core/errors.ts'
import { SyncTrial, type UpstreamFiles } from '../../testing/sync-run.ts'
import { isoImporter } from './iso-importer.ts'

const feed = 'http://upstream.test/isos'
const sum = 'ab'.repeat(32)
const upstream = { [`${feed}/PULP_MANIFEST`]: `one.iso,${sum},3\nsub dir/naïve #1.img,${sum},5\n` }

const sync = (files: UpstreamFiles = upstream, config = {}, remembered?: { [key: string]: string }) =>
  new SyncTrial(isoImporter, files).run({ feed, ...config }, remembered)

describe('a sync of files', () => {
  it('finds a unit for each line of the manifest, with its size, digest and address', async () => {
    const { units, complete, expected } = await sync()
    assert.deepEqual(units[1], {
      type: 'iso',
      key: { name: 'sub dir/naïve #1.img', checksum: sum, size: 5 },
      metadata: { name: 'sub dir/naïve #1.img', checksum: sum, size: 5 },
      files: [
        {
          path: 'sub dir/naïve #1.img',
          size: 5,
          digests: [{ algorithm: 'sha256', value: sum }],
          urls: [`${feed}/sub%20dir/na%C3%AFve%20%231.img`],
        },
      ],
    })
    assert.deepEqual([units.length, complete, expected], [2, ['iso'], { iso: 2 }])
  })

  it('asks for nothing but the manifest while that is unchanged', async () => {
    const first = await sync()
    const again = new SyncTrial(isoImporter, upstream)
    await again.run({ feed }, first.remembered)
    assert.deepEqual([again.units, again.complete, again.remembered], [[], [], undefined])
    assert.deepEqual(again.requests, [`${feed}/PULP_MANIFEST`])
    assert.equal(isoImporter.describe(again.progress()).report['state'], 'complete')
  })

  it('looks again when the manifest or what it is to do has changed', async () => {
    const { remembered } = await sync()
    const changed = { [`${feed}/PULP_MANIFEST`]: `two.iso,${sum},3\n` }
    for (const [files, config] of [
      [changed, {}],
      [upstream, { remove_missing: true }],
      [upstream, { download_policy: 'on_demand' }],
    ] as const) {
      const trial = new SyncTrial(isoImporter, files)
      await trial.run({ feed, ...config }, remembered)
      assert.ok(trial.units.length > 0)
    }
  })

  it('fails without a feed', async () => {
    await assert.rejects(
      new SyncTrial(isoImporter, {}).run({}),
      (error) => error instanceof DeckleError && error.kind === 'invalid',
    )
  })

  it('fails as a whole when the manifest is missing or malformed, and the report says so', async () => {
    for (const body of [404, 'no manifest', Buffer.from(`na\xefve,${sum},1`, 'latin1')]) {
      const trial = new SyncTrial(isoImporter, { [`${feed}/PULP_MANIFEST`]: body })
      await assert.rejects(trial.run({ feed }), (error) => error instanceof DeckleError && error.kind === 'upstream')
      const { report } = isoImporter.describe(trial.progress({ state: 'failed', error: 'because' }))
      assert.deepEqual(
        [report['state'], report['error_message'], report['total_bytes']],
        ['manifest_failed', 'because', null],
      )
    }
  })
})

describe('the report of a sync of files', () => {
  const at = (second: number) => new Date(Date.UTC(2018, 7, 30, 3, 21, second, 123))
  const running = {
    manifest: { state: 'finished', entered: { 'not-started': at(1), 'in-progress': at(2), finished: at(3) } },
    isos: { state: 'in-progress', entered: { 'in-progress': at(4) } },
  } as const
  const counts = { units: {}, files: { total: 3, done: 2, failed: 1 }, bytes: { total: 14, done: 9 }, problems: [] }

  it('has its fields from the start', () => {
    const { report } = isoImporter.describe(new SyncTrial(isoImporter, {}).progress({ state: 'running' }))
    assert.deepEqual(report, {
      state: 'not_started',
      error_message: null,
      traceback: null,
      num_isos: 0,
      num_isos_finished: 0,
      total_bytes: null,
      finished_bytes: 0,
      iso_error_messages: [],
      state_times: {},
    })
  })

  it('counts what is fetched in this run', () => {
    const { report } = isoImporter.describe({ state: 'running', parts: running, ...counts })
    assert.deepEqual(report, {
      state: 'isos_in_progress',
      error_message: null,
      traceback: null,
      num_isos: 3,
      num_isos_finished: 1,
      total_bytes: 14,
      finished_bytes: 9,
      iso_error_messages: [],
      state_times: {
        not_started: '2018-08-30T03:21:01',
        manifest_in_progress: '2018-08-30T03:21:02',
        isos_in_progress: '2018-08-30T03:21:04',
      },
    })
  })

  it('names the files that failed, is the history summary too, and says when it ended', () => {
    const isos = { state: 'failed', entered: { 'in-progress': at(4), failed: at(5) } } as const
    const problem = {
      stage: 'file',
      type: 'iso',
      key: {},
      name: 'x.iso',
      reason: 'answered 404',
      code: 'http_status',
    } as const
    const description = isoImporter.describe({
      ...counts,
      state: 'failed',
      parts: { ...running, isos },
      problems: [problem],
    })
    assert.equal(description.report['state'], 'isos_failed')
    assert.deepEqual(description.report['iso_error_messages'], [{ name: 'x.iso', error: 'answered 404' }])
    const times = description.report['state_times'] as Record<string, string>
    assert.equal(times['isos_failed'], '2018-08-30T03:21:05')
    assert.deepEqual([description.summary, description.details], [description.report, null])
  })
})
