import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { levelsOf } from '../../core/permission.ts'
import { toResource } from './resource.ts'

describe('A resource of permissions', () => {
  it('is a path without the prefix of the API, decoded, with a slash at both ends', () => {
    const cases: readonly [path: string, resource: string][] = [
      ['/pulp/api/v2/repositories/zoo/', '/v2/repositories/zoo/'],
      ['/pulp/api/v2/users/a%40b/', '/v2/users/a@b/'],
      ['/v2/repositories', '/v2/repositories/'],
      ['v2//repositories/', '/v2/repositories/'],
      ['/pulp/api/', '/'],
      ['/', '/'],
      ['//', '/'],
    ]
    for (const [path, resource] of cases) assert.equal(toResource(path), resource, path)
  })

  it('keeps a segment that would be two, and one that cannot be decoded', () => {
    assert.equal(toResource('/pulp/api/v2/repositories/a%2Fimporters/'), '/v2/repositories/a%2Fimporters/')
    assert.equal(toResource('/pulp/api/v2/repositories/%zz/'), '/v2/repositories/%zz/')
  })

  it('ends where the router ends a path', () => {
    assert.equal(toResource('/pulp/api/v2/users/ann/#/v2/users/'), '/v2/users/ann/')
  })

  it('is below each of its levels, of which the last is everything', () => {
    assert.deepEqual(levelsOf('/v2/repositories/zoo/'), ['/v2/repositories/zoo/', '/v2/repositories/', '/v2/', '/'])
    assert.deepEqual(levelsOf('/'), ['/'])
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (path) => {
        const resource = toResource(path)
        assert.match(resource, /^\/(.*\/)?$/s)
        const levels = levelsOf(resource)
        assert.equal(levels[0], resource)
        assert.equal(levels.at(-1), '/')
        for (const level of levels) assert.ok(resource.startsWith(level))
      }),
    )
  })
})
