import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { distributorReport, importerReport, repositoryReport } from '../testing/pulp-reports.ts'
import { changesFor, existingKind, type MirrorWish, newRepository } from './mirror-plan.ts'

const feed = 'https://a.example/zoo/'
const wish: MirrorWish = { feed, id: 'zoo', isIdChosen: false, removeMissing: false, publish: true }
const complete = repositoryReport({
  content_unit_counts: { rpm: 32 },
  importers: [importerReport('yum_importer', { feed })],
  distributors: [distributorReport('yum_distributor')],
})

describe('A new mirror', () => {
  test('of packages looks as pulp-admin makes it', () => {
    assert.deepEqual(newRepository({ ...wish, removeMissing: true }, 'rpm'), {
      id: 'zoo',
      notes: { '_repo-type': 'rpm-repo' },
      importer_type_id: 'yum_importer',
      importer_config: { feed, remove_missing: true },
      distributors: [
        {
          distributor_type_id: 'yum_distributor',
          distributor_id: 'yum_distributor',
          distributor_config: { relative_url: 'zoo', http: true, https: true },
          auto_publish: true,
        },
      ],
    })
  })

  test('of files does too, and publishes only when it is to', () => {
    const { notes, importer_type_id, distributors } = newRepository({ ...wish, publish: false }, 'files')
    assert.deepEqual([notes, importer_type_id], [{ '_repo-type': 'iso-repo' }, 'iso_importer'])
    assert.equal(distributors?.[0]?.distributor_type_id, 'iso_distributor')
    assert.deepEqual(distributors?.[0]?.distributor_config, { serve_http: true, serve_https: true })
    assert.equal(distributors?.[0]?.auto_publish, false)
  })
})

describe('A mirror that exists', () => {
  test('is left as it is when nothing changes', () => {
    assert.deepEqual(changesFor(complete, wish, 'rpm'), { addDistributor: false })
  })

  test('gets another download policy when one is named, and keeps its own otherwise', () => {
    const onDemand = { ...wish, downloadPolicy: 'on_demand' }
    const update = { updateImporter: { download_policy: 'on_demand' }, addDistributor: false }
    assert.deepEqual(changesFor(complete, onDemand, 'rpm'), update)
    const importers = [importerReport('yum_importer', { feed, download_policy: 'on_demand' })]
    for (const same of [wish, onDemand]) {
      assert.deepEqual(changesFor({ ...complete, importers }, same, 'rpm'), { addDistributor: false })
    }
  })

  test('gets a changed feed and what is missing', () => {
    const moved = { ...wish, feed: 'https://b.example/zoo/', removeMissing: true }
    const update = { feed: 'https://b.example/zoo/', remove_missing: true }
    assert.deepEqual(changesFor(complete, moved, 'rpm'), { updateImporter: update, addDistributor: false })
    assert.deepEqual(changesFor(repositoryReport(), wish, 'rpm'), { setImporter: { feed }, addDistributor: true })
  })

  test('stops publishing by itself when it is only to be synced', () => {
    const changes = changesFor(complete, { ...wish, publish: false }, 'rpm')
    assert.deepEqual(changes, { addDistributor: false, autoPublish: false })
  })

  test('keeps its kind', () => {
    assert.equal(existingKind(complete, wish, undefined), 'rpm')
    assert.equal(existingKind(complete, wish, 'rpm'), 'rpm')
    assert.equal(existingKind(repositoryReport(), wish, 'files'), undefined)
    assert.throws(() => existingKind(complete, wish, 'files'), /yum_importer.*--id/)
    const foreign = repositoryReport({ importers: [importerReport('docker_importer', {})] })
    assert.throws(() => existingKind(foreign, wish, undefined), /docker_importer/)
  })

  test('is not turned into another one by a feed that happens to give the same id', () => {
    const other = { ...wish, feed: 'https://b.example/zoo/' }
    assert.throws(() => existingKind(complete, other, undefined), /mirrors https:\/\/a\.example\/zoo\/.*--id/)
    assert.equal(existingKind(complete, { ...other, isIdChosen: true }, undefined), 'rpm')
    assert.equal(existingKind({ ...complete, content_unit_counts: { rpm: 0 } }, other, undefined), 'rpm')
  })
})
