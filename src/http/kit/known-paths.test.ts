import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KnownPaths } from './known-paths.ts'

function known(table: Readonly<Record<string, readonly string[]>>): KnownPaths {
  const paths = new KnownPaths()
  for (const [path, methods] of Object.entries(table)) paths.add(path, methods)
  return paths
}

describe('The known paths of an API', () => {
  const paths = known({
    '/zoos/:zoo/': ['GET', 'PUT'],
    '/zoos/search/': ['POST'],
    '/zoos/:zoo/:part/': ['DELETE'],
    '/zoos/:zoo/pens/': ['GET'],
    '/zoos/search/:part/': ['PUT'],
  })

  it('know the methods of a path, whatever its parameters are', () => {
    assert.deepEqual(paths.methodsAt('/zoos/berlin/'), ['GET', 'PUT'])
    assert.deepEqual(paths.methodsAt('/zoos/berlin/apes/'), ['DELETE'])
  })

  it('prefer what stands there to a parameter, the sooner the better', () => {
    assert.deepEqual(paths.methodsAt('/zoos/search/'), ['POST'])
    assert.deepEqual(paths.methodsAt('/zoos/berlin/pens/'), ['GET'])
    assert.deepEqual(paths.methodsAt('/zoos/search/pens/'), ['PUT'])
  })

  it('are no others, and no parameter is empty', () => {
    for (const path of ['/zoos/', '/zoos//', '/zoos/berlin', '/zoos/berlin/apes/1/', '/', ''])
      assert.equal(paths.methodsAt(path), undefined, path)
  })

  it('tell which methods a router would look for at a more general path', () => {
    assert.deepEqual(paths.overshadowed(), [
      { path: '/zoos/search/', methods: ['POST'], foreign: ['GET', 'PUT'] },
      { path: '/zoos/:zoo/pens/', methods: ['GET'], foreign: ['DELETE'] },
      { path: '/zoos/search/:part/', methods: ['PUT'], foreign: ['DELETE'] },
    ])
  })
})
