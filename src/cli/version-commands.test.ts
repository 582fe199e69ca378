import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { VersionReport } from '../clients/pulp-answers.ts'
import { describeTakeOver } from './take-over-text.ts'
import { describeChange, parseVersion, versionTable } from './version-commands.ts'

const version: VersionReport = {
  _href: '/pulp/api/v2/repositories/zoo/versions/2/',
  repo_id: 'zoo',
  version: 2,
  created: '2026-11-21T10:00:00Z',
  latest: true,
  pruned: false,
  content_unit_counts: { rpm: 12, srpm: 0, erratum: 3 },
  file_bytes: 1000,
  publications: [],
}

describe('versions on the command line', () => {
  it('are listed with what they hold and when they were published', () => {
    const web = { distributor_id: 'web', path: '/pulp/repos/zoo', live_from: '2026-11-21T10:00:01.250Z' }
    const lines = versionTable([
      { ...version, publications: [{ ...web, superseded_at: null }] },
      {
        ...version,
        version: 1,
        pruned: true,
        content_unit_counts: {},
        publications: [{ ...web, superseded_at: '2026-11-21T11:00:00.000Z' }],
      },
    ]).split('\n')
    assert.deepEqual(
      lines.map((line) => line.split(/ {2,}/)),
      [
        ['VERSION', 'CREATED', 'CONTENT', 'PUBLISHED'],
        ['2', version.created, 'rpm 12, erratum 3', 'web from 2026-11-21T10:00:01.250Z'],
        ['1', version.created, 'empty (pruned)', 'web 2026-11-21T10:00:01.250Z to 2026-11-21T11:00:00.000Z'],
      ],
    )
    assert.equal(versionTable([]), 'no versions yet')
  })

  it('differ by units whose keys can be looked for', () => {
    const unit_key = { name: 'a', size: 7 }
    const changes = (['added', 'removed', 'changed'] as const).map((change) => ({ change, type_id: 'iso', unit_key }))
    assert.deepEqual(changes.map(describeChange), ['+ iso name=a size=7', '- iso name=a size=7', '~ iso name=a size=7'])
  })

  it('have numbers', () => {
    assert.deepEqual(['0', '17'].map(parseVersion), [0, 17])
    for (const text of ['', '-1', '1.5', 'latest', '9'.repeat(10)]) assert.throws(() => parseVersion(text), /number/)
  })
})

describe('a version that was taken over', () => {
  const units = { added: 1, updated: 0, removed: 2 }

  it('is told with its source and what each distributor made of it', () => {
    const publications = ['already', 'shared', 'queued', 'left'].map((shown, at) => ({
      distributor_id: `d${at}`,
      shown,
    }))
    const result = { repo_id: 'production', version: 3, source: { repo_id: 'dev', version: 9 }, units, publications }
    assert.deepEqual(describeTakeOver([{ result }, { result: null }]), [
      'version 3 has the content of version 9 of dev (1 added, 0 updated, 2 removed)',
      'd0 shows it already',
      'd1 shows it, with files that were there',
      'd2 has published it',
      'd3 was left alone, because it writes into a folder: `deckle repo publish` runs it',
    ])
  })

  it('is told without its source when that is the repository itself', () => {
    const result = { repo_id: 'zoo', version: 3, source: { repo_id: 'zoo', version: 1 }, units, publications: [] }
    assert.deepEqual(describeTakeOver([{ result }]), [
      'version 3 has the content of version 1 (1 added, 0 updated, 2 removed)',
    ])
  })
})
