import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { contentPath, encodePath, ownsTarget } from './content-path.ts'

describe('ownsTarget', () => {
  it('takes everything below /pulp/ but the API and static files', () => {
    for (const target of ['/pulp/repos/zoo/', '/pulp/', '/pulp/?x', '/pulp/isos/a', '/pulp/apix', '/pulp/%61pi/v2/']) {
      assert.ok(ownsTarget(target), target)
    }
    const others = ['/', '/pulp', '/pulpx/', '/pulp/api', '/pulp/api/v2/', '/pulp/api?x', '/pulp/static/a.css', '*', '']
    for (const target of others) assert.ok(!ownsTarget(target), target)
  })

  it('counts repeated slashes as one', () => {
    for (const target of ['//pulp//repos/zoo/', '/pulp//repos//zoo/']) assert.ok(ownsTarget(target), target)
    for (const target of ['/pulp//api/v2/', '//pulp///api//v2/tasks/']) assert.ok(!ownsTarget(target), target)
  })
})

describe('contentPath', () => {
  it('decodes once, and a plus stays a plus', () => {
    const cases: [string, string][] = [
      ['/pulp/repos/zoo/repodata/repomd.xml', '/pulp/repos/zoo/repodata/repomd.xml'],
      ['/pulp/repos/zoo/libstdc++-4.rpm?x=/../', '/pulp/repos/zoo/libstdc++-4.rpm'],
      ['/pulp/repos/zoo/libstdc%2B%2B.rpm', '/pulp/repos/zoo/libstdc++.rpm'],
      ['/pulp/a%2520b', '/pulp/a%20b'],
      ['/pulp/%C3%A9%20t', '/pulp/é t'],
      ['/pulp/zoo/.treeinfo', '/pulp/zoo/.treeinfo'],
      ['/pulp/zoo/...', '/pulp/zoo/...'],
    ]
    for (const [target, path] of cases) assert.deepEqual(contentPath(target), { path }, target)
  })

  it('finds exports where the manual has them and where the code has', () => {
    const path = '/pulp/exports/repos/a b/x.iso'
    for (const target of ['/pulp/exports/repos/a%20b/x.iso', '/pulp/exports/repo/a%20b/x.iso'])
      assert.deepEqual(contentPath(target), { path }, target)
    assert.deepEqual(contentPath('/pulp/exports/repo/x'), { path: '/pulp/exports/repos/x' })
    assert.deepEqual(contentPath('/pulp/exports/repox/x'), { path: '/pulp/exports/repox/x' })
  })

  it('counts repeated slashes as one and keeps the last', () => {
    assert.deepEqual(contentPath('/pulp//repos/zoo///repodata//x'), { path: '/pulp/repos/zoo/repodata/x' })
    assert.deepEqual(contentPath('/pulp/repos/zoo//'), { path: '/pulp/repos/zoo/' })
    assert.deepEqual(contentPath('/pulp//'), { path: '/pulp/' })
  })

  it('refuses dotted segments, encoded slashes, NUL and what is not UTF-8, however they are written', () => {
    const bad = ['..', '.', '%2e%2e', '.%2E', '%2e', 'a%2fb', '%2F', 'a%00', '%', '%zz', '%ff', '%c0%ae%c0%ae']
    for (const segment of bad) {
      const found = contentPath(`/pulp/repos/${segment}/x`)
      assert.ok('status' in found && found.status === 400, segment)
    }
  })

  it('refuses a path that is too long', () => {
    const found = contentPath(`/pulp/${'a'.repeat(4096)}`)
    assert.ok('status' in found && found.status === 414)
  })

  it('never yields a path with an empty, dotted or NUL-holding segment, and reads what it prints', () => {
    const piece = fc.oneof(
      fc.constantFrom('/', '//', '..', '.', '%2e', '%2f', '%00', '%25', '?', '+', ' ', '%20'),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const found = contentPath(`/pulp/${pieces.join('')}`)
        if ('status' in found) return
        const segments = found.path.slice(1).split('/')
        if (segments.at(-1) === '') segments.pop()
        for (const segment of segments) assert.ok(!['', '.', '..'].includes(segment) && !segment.includes('\0'))
        assert.deepEqual(contentPath(encodePath(found.path)), found)
      }),
    )
  })
})
