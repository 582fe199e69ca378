import assert from 'node:assert/strict'
import { beforeEach, describe, it, mock } from 'node:test'
import type { NewGeneratedFile } from '../core/publication.ts'
import { GatheredFiles } from './gathered-files.ts'

describe('gathered files of a publication', () => {
  let written: number[]
  let files: GatheredFiles

  beforeEach(() => {
    written = []
    files = new GatheredFiles({ addFiles: async (rows) => void written.push(rows.length) })
  })

  async function add(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) await files.add(aFile(String(index)))
  }

  it('are written many at a time, and the last ones by whom they are handed to', async () => {
    await add(250)
    assert.deepEqual([written, files.take().length], [[100, 100], 50])
    assert.deepEqual(files.take(), [])
  })

  it('do not wait for others until their blobs are reserved no more', async (t) => {
    const now = mock.method(performance, 'now', () => 0)
    t.after(() => now.mock.restore())
    await add(2)
    now.mock.mockImplementation(() => 59_000)
    await add(1)
    assert.deepEqual(written, [])
    now.mock.mockImplementation(() => 61_000)
    await add(1)
    assert.deepEqual(written, [4])
  })

  it('are written when somebody says so', async () => {
    await add(3)
    await files.write()
    assert.deepEqual([written, files.take()], [[3], []])
  })
})

function aFile(path: string): NewGeneratedFile {
  return { path, size: 0, sha256: '', mediaType: 'text/plain', rope: [] }
}
