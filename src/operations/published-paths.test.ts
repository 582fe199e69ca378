import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { PublishedPaths } from './published-paths.ts'

const published = (basePath: string, ...ids: number[]) => ({
  basePath,
  publications: ids.map((id) => ({
    id,
    repositoryKey: 1,
    version: 1,
    distributorType: 'test_distributor',
    layout: 'flat',
    liveFrom: new Date(0),
  })),
})

describe('PublishedPaths', () => {
  it('covers a path by the longest base path that ends at a slash of it', () => {
    const path = fc.array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 5 }).map((s) => `/${s.join('/')}`)
    fc.assert(
      fc.property(fc.array(path), path, fc.boolean(), (basePaths, wanted, slash) => {
        const paths = new PublishedPaths()
        paths.replaceAll(basePaths.map((basePath) => published(basePath, 1)))
        const asked = slash ? `${wanted}/` : wanted
        const covering = basePaths.filter((basePath) => `${wanted}/`.startsWith(`${basePath}/`))
        const expected = covering.sort((one, other) => other.length - one.length)[0]
        const found = paths.covering(asked)
        assert.equal(found?.published.basePath, expected)
        if (found === undefined) return
        assert.equal(found.published.basePath + (found.relative === undefined ? '' : `/${found.relative}`), asked)
      }),
    )
  })

  it('moves its generation on only when an answer may have changed', () => {
    const paths = new PublishedPaths()
    const change = (change: () => void) => {
      const before = paths.generation
      change()
      return paths.generation !== before
    }
    assert.ok(change(() => paths.replaceAll([published('/a', 1), published('/b', 2)])))
    assert.ok(!change(() => paths.replaceAll([published('/b', 2), published('/a', 1)])))
    assert.ok(!change(() => paths.replace(['/a', '/none'], [published('/a', 1)])))
    assert.ok(change(() => paths.replace(['/a'], [published('/a', 3, 1)])))
    assert.ok(change(() => paths.replace(['/a'], [published('/a', 3)])))
    assert.ok(change(() => paths.replace(['/b'], [])))
    assert.equal(paths.covering('/b/x'), undefined)
    assert.equal(paths.covering('/a/x')?.published.publications[0]?.id, 3)
  })

  it('keeps what was not asked for', () => {
    const paths = new PublishedPaths()
    paths.replaceAll([published('/a', 1), published('/b', 2)])
    paths.replace(['/a'], [])
    assert.equal(paths.covering('/a'), undefined)
    assert.equal(paths.covering('/b')?.published.basePath, '/b')
  })
})
