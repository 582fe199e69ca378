import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { namesInFolder } from './list-folder.ts'

async function* from(paths: Iterable<string>): AsyncGenerator<string> {
  yield* paths
}

const list = (folder: string, paths: readonly string[], more: Iterable<string>) =>
  Array.fromAsync(namesInFolder({ folder, paths, morePaths: from(more) }))

describe('namesInFolder', () => {
  it('names files and folders once each, sorted', async () => {
    const more = ['Packages/Z/Zsh', 'Packages/a/ant', 'Packages/a/ape', 'b.rpm']
    assert.deepEqual(await list('', ['repodata/repomd.xml', 'repodata/x', 'b.rpm'], more), [
      'Packages/',
      'b.rpm',
      'repodata/',
    ])
    assert.deepEqual(await list('Packages/', [], more), ['Z/', 'a/'])
  })

  it('leaves out the folder itself and what only begins like it', async () => {
    assert.deepEqual(await list('images/', ['images/'], ['images/boot', 'imagesx']), ['boot'])
  })

  it('hands on every name of a large folder once', async () => {
    const names = Array.from({ length: 25_000 }, (_, index) => `p${String(index).padStart(6, '0')}`)
    const listed = await list('', ['zzz', 'p000007'], [...names, 'sub/a', 'sub/b'])
    assert.equal(listed.length, 25_002)
    assert.deepEqual(new Set(listed), new Set([...names, 'zzz', 'sub/']))
  })

  it('begins a large folder before it has read the whole of it', async () => {
    let read = 0
    async function* endless() {
      for (;;) yield `p${read++}`
    }
    const first = await namesInFolder({ folder: '', paths: [], morePaths: endless() }).next()
    assert.equal(first.value, 'p0')
    assert.ok(read <= 10_001)
  })
})
