import assert from 'node:assert/strict'
import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { noSpace, requireSpace, spaceFault } from '../core/space.ts'
import { DiskSpace } from './disk-space.ts'

const mebibyte = 1024 ** 2

/** A gauge over disks with so many MiB free, to be changed at will. */
function gauge(free: Record<string, number>, floorMebibytes: number, cacheMs = 0) {
  let looks = 0
  const measure = async (folder: string) => {
    looks += 1
    return (free[folder] ?? 0) * mebibyte
  }
  const folders = Object.keys(free)
  const space = new DiskSpace({ folders, floorBytes: floorMebibytes * mebibyte, cacheMs, measure })
  return { space, looks: () => looks }
}

describe('the free space', () => {
  it('is enough at the floor, and names the place, what is free and the floor below it', async () => {
    const free = { '/blobs': 100, '/data': 100 }
    const { space } = gauge(free, 100)
    assert.equal(await space.shortage(), undefined)
    free['/data'] = 99
    assert.equal(await space.shortage(), 'too little free space for /data: 99 MiB, the floor is 100 MiB')
  })

  it('is enough again only with a little more than the floor', async () => {
    const free = { '/blobs': 99 }
    const { space } = gauge(free, 100)
    for (const [mebibytes, isShort] of [
      [99, true],
      [105, true],
      [110, false],
      [105, false],
    ] as const) {
      free['/blobs'] = mebibytes
      assert.equal((await space.shortage()) !== undefined, isShort, `${mebibytes} MiB`)
    }
  })

  it('is looked at once for many questions, and never when the floor is 0', async () => {
    const cached = gauge({ '/blobs': 1 }, 100, 1_000_000)
    for (let times = 0; times < 100; times++) assert.ok(await cached.space.shortage())
    assert.equal(cached.looks(), 1)
    const off = gauge({ '/blobs': 0 }, 0)
    assert.equal(await off.space.shortage(), undefined)
    assert.equal(off.looks(), 0)
  })

  it('is that of the file system, for folders that are not there yet too', async () => {
    const { blocks, bsize } = await statfs(tmpdir())
    const folders = [join(tmpdir(), 'deckle-not-there', 'yet')]
    assert.ok(await new DiskSpace({ folders, floorBytes: blocks * bsize + 1 }).shortage())
    assert.equal(await new DiskSpace({ folders, floorBytes: 1 }).shortage(), undefined)
  })

  it('ends work that finds none with an error of its own kind', async () => {
    const short = { shortage: async () => 'too little' }
    await assert.rejects(requireSpace(short), (error) => spaceFault(error) === 'too little')
    await requireSpace({ shortage: async () => undefined })
    assert.equal(spaceFault(new Error('other')), undefined)
    assert.equal(spaceFault(noSpace('full', new Error('ENOSPC'))), 'full')
  })
})
