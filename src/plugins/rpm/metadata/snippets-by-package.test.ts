import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Scratch } from '../../../core/scratch.ts'
import { packageId, SnippetsByPackage } from './snippets-by-package.ts'

const snippet = (id: string, length = 0) => Buffer.from(`<package pkgid="${id}">${'x'.repeat(length)}</package>`)

async function* batchesOf(ids: readonly string[], length = 0): AsyncGenerator<readonly Buffer[]> {
  for (let at = 0; at < ids.length; at += 3) yield ids.slice(at, at + 3).map((id) => snippet(id, length))
}

function scratchFile(): { open: () => Promise<Scratch>; size: () => number } {
  let content = Buffer.alloc(0)
  const append = async (bytes: Uint8Array) => {
    content = Buffer.concat([content, bytes])
    return content.length - bytes.length
  }
  const read = async (offset: number, length: number) => content.subarray(offset, offset + length)
  return { open: async () => ({ append, read }), size: () => content.length }
}

describe('packages by their id', () => {
  it('are found whatever order the file and the questions have', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `id${index}`)
    const shuffled = fc.shuffledSubarray(ids, { minLength: ids.length })
    await fc.assert(
      fc.asyncProperty(shuffled, shuffled, async (stored, asked) => {
        const scratch = scratchFile()
        const source = new SnippetsByPackage(batchesOf(stored, 300_000), scratch.open, () => true)
        for (const id of asked) assert.deepEqual(await source.take(id), snippet(id, 300_000), id)
        assert.equal(await source.take('absent'), undefined)
      }),
      { numRuns: 20 },
    )
  })

  it('need no scratch file when the order is the same', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `id${index}`)
    const scratch = scratchFile()
    const source = new SnippetsByPackage(batchesOf(ids, 300_000), scratch.open, () => true)
    for (const id of ids) await source.take(id)
    assert.equal(scratch.size(), 0)
  })

  it('are dropped on the way when nobody wants them', async () => {
    const scratch = scratchFile()
    const source = new SnippetsByPackage(
      batchesOf(['a', 'b', 'c', 'd', 'e'], 900_000),
      scratch.open,
      (id) => id === 'e',
    )
    assert.deepEqual(await source.take('e'), snippet('e', 900_000))
    assert.equal(scratch.size(), 0)
  })

  it('let a file fail that is broken behind the last one', async () => {
    async function* broken(): AsyncGenerator<readonly Buffer[]> {
      yield [snippet('a')]
      throw new Error('cut off')
    }
    const source = new SnippetsByPackage(broken(), scratchFile().open, () => true)
    await source.take('a')
    await assert.rejects(source.drain(), /cut off/)
  })

  it('have their id in the start tag, however that is written', () => {
    for (const text of [
      '<package pkgid="x"/>',
      "<package name='>' pkgid='x' >",
      '<package\n  name="pkgid" pkgid = "x">',
    ]) {
      assert.equal(packageId(Buffer.from(text)), 'x', text)
    }
    assert.equal(packageId(Buffer.from('<package name="x"><a pkgid="x"/></package>')), '')
  })
})
