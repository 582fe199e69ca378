import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { JsonObject } from '../../../core/json.ts'
import { PublishTrial } from '../../../testing/publish-run.ts'
import { anRpm, servedAt, type TestPackage, yumRepository } from '../../../testing/repodata.ts'
import { SyncTrial } from '../../../testing/sync-run.ts'
import { temporaryFolder } from '../../../testing/temporary-folder.ts'
import { parseRepomd } from '../metadata/repomd.ts'
import { yumDistributor } from '../yum-distributor.ts'
import { yumImporter } from '../yum-importer.ts'

const base = 'http://upstream.test/'

async function publish(packages: readonly TestPackage[], config: JsonObject = {}) {
  const { units } = await new SyncTrial(yumImporter, servedAt(base, await yumRepository({ packages }))).run({
    feed: base,
  })
  const wanted = { relative_url: 'zoo', http: true, https: true, generate_sqlite: true, ...config }
  return new PublishTrial(yumDistributor, units).run(wanted)
}

type Trial = Awaited<ReturnType<typeof publish>>

async function databaseOf(trial: Trial, file: string): Promise<DatabaseSync> {
  const [, packed] = [...trial.files].find(([path]) => path.endsWith(`-${file}.sqlite.gz`)) ?? assert.fail(`no ${file}`)
  const path = join(await temporaryFolder(), file)
  await writeFile(path, gunzipSync(packed))
  return new DatabaseSync(path, { readOnly: true })
}

function rows(database: DatabaseSync, query: string): unknown[][] {
  return database
    .prepare(query)
    .all()
    .map((row) => Object.values(row))
}

describe('the databases of a yum repository', () => {
  const packages = [
    anRpm({ name: 'bear', files: ['/usr/bin/bear', '/usr/bin/cub', 'bare', '/'] }),
    anRpm({ name: 'Äffchen', version: '2', summary: '', changelog: ['- <one>', '- two'] }),
  ]

  it('hold what the metadata files hold', async () => {
    const trial = await publish(packages, { packages_directory: true })
    const primary = await databaseOf(trial, 'primary')
    assert.deepEqual(rows(primary, 'SELECT pkgKey, name, version, summary, location_href, rpm_vendor FROM packages'), [
      [1, 'bear', '4.1', 'A dummy package of bear', 'Packages/b/bear-4.1-1.noarch.rpm', ''],
      [2, 'Äffchen', '2', null, 'Packages/ä/Äffchen-2-1.noarch.rpm', ''],
    ])
    assert.deepEqual(rows(primary, 'SELECT * FROM requires'), [
      ['/bin/sh', null, null, null, null, 1, 'FALSE'],
      ['/bin/sh', null, null, null, null, 2, 'FALSE'],
    ])
    assert.deepEqual(rows(primary, 'SELECT * FROM files WHERE pkgKey = 1'), [['/usr/bin/bear', 'file', 1]])
    assert.deepEqual(rows(await databaseOf(trial, 'filelists'), 'SELECT * FROM filelist WHERE pkgKey = 1'), [
      [1, '/usr/bin', 'bear/cub', 'ff'],
      [1, '.', 'bare', 'f'],
      [1, '/', '/', 'f'],
      [1, '/usr/share', 'bear', 'd'],
    ])
    assert.deepEqual(rows(await databaseOf(trial, 'other'), 'SELECT * FROM changelog WHERE pkgKey = 2'), [
      [2, 'A <a@example.test> - 1', 1_300_000_000, '- <one>'],
      [2, 'A <a@example.test> - 1', 1_300_000_000, '- two'],
    ])
  })

  it('are listed in repomd.xml with their version, and say which file they were made of', async () => {
    const trial = await publish(packages, { metadata_compression: 'zstd', checksum_type: 'sha1' })
    const { records } = parseRepomd(trial.files.get('repodata/repomd.xml') ?? assert.fail())
    const types = ['primary', 'filelists', 'other', 'primary_db', 'filelists_db', 'other_db']
    assert.deepEqual(
      records.map(({ type }) => type),
      types,
    )
    for (const [index, file] of ['primary', 'filelists', 'other'].entries()) {
      const record = records[index + 3] ?? assert.fail()
      assert.equal(record.databaseVersion, 10)
      assert.equal(record.href, `repodata/${record.checksum?.value}-${file}.sqlite.gz`)
      assert.equal(record.openSize, gunzipSync(trial.files.get(record.href) ?? assert.fail()).length)
      assert.deepEqual(rows(await databaseOf(trial, file), 'SELECT * FROM db_info'), [
        [10, records[index]?.checksum?.value],
      ])
    }
  })

  it('are the same bytes for the same packages', async () => {
    assert.deepEqual([...(await publish(packages)).files], [...(await publish(packages.toReversed())).files])
  })

  it('are complete without any package', async () => {
    assert.deepEqual(rows(await databaseOf(await publish([]), 'primary'), 'SELECT count(*) FROM packages'), [[0]])
  })

  it('have a step of their own in the report', async () => {
    const step = (trial: Trial) => trial.steps.find(({ name }) => name === 'sqlite')
    assert.deepEqual(
      { ...step(await publish(packages)), entered: {} },
      {
        name: 'sqlite',
        id: 'id of sqlite',
        state: 'finished',
        total: 2,
        done: 2,
        entered: {},
      },
    )
    assert.equal(step(await publish(packages, { generate_sqlite: false }))?.state, 'skipped')
  })
})
