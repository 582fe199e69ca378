import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DeckleError } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/json.ts'
import { parseExportConfig, requireNoNulls } from './export-config.ts'
import { exportDistributor } from './export-distributor.ts'

const required = { http: true, https: 'False' }

function fieldsOf(config: JsonObject): readonly string[] | undefined {
  try {
    parseExportConfig(config)
    return undefined
  } catch (error) {
    return error instanceof DeckleError ? error.details.fields : assert.fail(String(error))
  }
}

describe('the config of an export', () => {
  it('needs only the protocols', () => {
    assert.deepEqual(parseExportConfig(required), {
      skip: [],
      databases: false,
      signed: false,
      span: undefined,
      manifest: false,
      relativeUrl: undefined,
      prefix: undefined,
      megabytes: 4380,
      exportDir: undefined,
    })
    assert.deepEqual(fieldsOf({}), ['http', 'https'])
  })

  it('is refused with other keys and with values of another kind', () => {
    for (const [key, values] of Object.entries({
      iso_prefix: ['', 'a b', 'ä', 'a/b', 1],
      iso_size: [0, -1, 1.5, 'large'],
      relative_url: ['/a', 'a/../b', 1],
      skip: ['rpm'],
      generate_sqlite: ['yes'],
      manifest: [1],
      start_date: ['yesterday', '2026-13-01', '2026', '01/02/2026', 5],
      end_date: ['2026-01-01 10:00', ''],
      export_dir: [1],
      http: ['maybe'],
      repoview: [true],
    })) {
      for (const value of values) assert.deepEqual(fieldsOf({ ...required, [key]: value }), [key], `${key}: ${value}`)
    }
    assert.throws(() => requireNoNulls({ ...required, skip: null }), { message: 'skip must not be null' })
  })

  it('takes days and times as spans, in UTC where they say no zone', () => {
    const spanOf = (start_date: string, end_date: string) =>
      parseExportConfig({ ...required, start_date, end_date }).span
    assert.deepEqual(spanOf('2026-01-02', '2026-01-02T03:04:05+01:00'), {
      from: new Date('2026-01-02T00:00:00Z'),
      until: new Date('2026-01-02T02:04:05Z'),
    })
    assert.deepEqual(spanOf('2026-01-02T03:04', '2026-01-02T03:04:05.5Z'), {
      from: new Date('2026-01-02T03:04:00Z'),
      until: new Date('2026-01-02T03:04:05.500Z'),
    })
  })

  it('says where images are served, and that no two exports share a place', () => {
    const config = (relative_url?: string) =>
      parseExportConfig({ ...required, ...(relative_url !== undefined && { relative_url }) })
    assert.equal(exportDistributor.basePath(config(), 'zoo'), '/pulp/exports/repos/zoo')
    assert.equal(exportDistributor.basePath(config('a/b/'), 'zoo'), '/pulp/exports/repos/a/b')
    const others = [{ repositoryId: 'a', id: 'd', config: {} }]
    assert.throws(() => exportDistributor.validate?.(config('a/b'), 'zoo', others), { kind: 'invalid' })
  })
})
