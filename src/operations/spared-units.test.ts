import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DisplacedUnit } from '../core/importer.ts'
import type { JsonObject } from '../core/json.ts'
import { withoutSpared } from './spared-units.ts'

const displaced: readonly DisplacedUnit[] = [
  { id: 1, type: 'rpm', by: { name: 'bear', arch: 'noarch' } },
  { id: 2, type: 'rpm', by: { name: 'cat', arch: 'noarch' } },
  { id: 3, type: 'srpm', by: { name: 'bear', arch: 'src' } },
]
const recorder = (keys: readonly JsonObject[], untold = false) => ({
  problems: keys.map((key) => ({ stage: 'file', type: 'rpm', key, name: 'x', reason: 'because', code: 'x' }) as const),
  troubledTypes: new Set(keys.length > 0 || untold ? ['rpm'] : []),
  untold,
})
const ids = (...of: Parameters<typeof recorder>) => withoutSpared(displaced, recorder(...of)).map(({ id }) => id)

describe('units that make room for others', () => {
  it('go, but where one of these others had a problem', () => {
    assert.deepEqual(ids([]), [1, 2, 3])
    assert.deepEqual(ids([{ name: 'bear', version: '2', arch: 'noarch' }]), [2, 3])
    assert.deepEqual(ids([{ name: 'bear', version: '2', arch: 'i686' }, {}]), [1, 2, 3])
  })

  it('stay where there were more problems than anybody remembers', () => {
    assert.deepEqual(ids([], true), [3])
  })
})
