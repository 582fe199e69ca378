import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { requireClient } from '../../../testing/clients.ts'
import { temporaryFolder } from '../../../testing/temporary-folder.ts'
import { ImageSeries } from './image-series.ts'
import { makeImage } from './make-image.ts'
import { Stage } from './staged-file.ts'

const signal = new AbortController().signal

async function* bytes(size: number): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(size, 'x')
}

/** Sizes of the images that files of these paths and sizes end in, in MB at most. */
async function imagesOf(files: readonly (readonly [string, number])[], megabytes: number): Promise<number[]> {
  const [folder, staging] = [await temporaryFolder(), await temporaryFolder()]
  const series = new ImageSeries({ folder, prefix: 'a.b', megabytes, made: new Date(0), signal })
  const stage = new Stage(staging)
  const sizes: number[] = []
  const measure = async (images: ReturnType<ImageSeries['finish']>) => {
    for await (const { path, body } of images) {
      assert.equal(path, `a.b-1970-01-01T00.00-0${sizes.length + 1}.iso`)
      sizes.push(Buffer.concat(await Array.fromAsync(body)).length)
    }
  }
  for (const [path, size] of files) await measure(series.add(await stage.write(path, bytes(size))))
  await measure(series.finish())
  return sizes
}

describe('a series of images', () => {
  const tools = requireClient('xorriso')

  it('has as few as needed, none larger than it may be', tools, async () => {
    const files = Array.from({ length: 3 }, (_, index) => [`packages/${index}`, 400_000] as const)
    const sizes = await imagesOf(files, 1)
    assert.equal(sizes.length, 3)
    assert.equal((await imagesOf(files, 2)).length, 1)
    assert.equal((await imagesOf([], 1)).length, 1)
  })

  it('keeps to the size whatever the files are called', tools, async () => {
    // How long the name of a file is, in how deep a folder of its own it lies, and its size.
    const file = fc.tuple(fc.integer({ min: 1, max: 200 }), fc.nat(3), fc.nat(2048))
    const files = fc.array(file, { minLength: 150, maxLength: 200 })
    const named = files.map((all) =>
      all.map(([length, depth, size], index) => {
        return [`${`folder-${index}/`.repeat(depth)}${index}${'x'.repeat(length)}`, size] as const
      }),
    )
    await fc.assert(
      fc.asyncProperty(named, async (all) => {
        for (const size of await imagesOf(all, 1)) assert.ok(size <= 1024 * 1024, `${size}`)
      }),
      { numRuns: 3, endOnFailure: true },
    )
  })

  it('refuses paths that lead elsewhere, and two files at one', async () => {
    for (const path of ['../x', '/x', 'a//b', 'a/./b', ''])
      await assert.rejects(imagesOf([[path, 1]], 1), { kind: 'invalid' })
    const twice = [
      ['a/b', 1],
      ['a/b', 1],
    ] as const
    await assert.rejects(imagesOf(twice, 1), { kind: 'conflict', message: /a\/b/ })
  })

  it('refuses a file that fits into none', async () => {
    await assert.rejects(imagesOf([['whale.rpm', 1024 * 1024]], 1), {
      kind: 'invalid',
      message: 'whale.rpm with its 1048576 bytes does not fit into an image of its own: raise iso_size',
    })
  })
})

describe('the program that makes images', () => {
  it('is named, with its package, when it is missing', async () => {
    const [tree, folder] = [await temporaryFolder(), await temporaryFolder()]
    const plan = { tree, image: join(folder, 'image'), volume: 'x', signal, program: 'no-such-xorriso' }
    await assert.rejects(makeImage(plan), { kind: 'conflict', message: /install the package xorriso .*export_dir/ })
  })

  it('is quoted when it fails, and ended when the publish is cancelled', requireClient('xorriso'), async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'file'), '')
    const plan = { tree: join(folder, 'absent'), image: join(folder, 'image'), volume: 'x', signal }
    await assert.rejects(makeImage(plan), { kind: 'internal', message: /xorriso could not make an image.*absent/s })
    const cancelled = { ...plan, tree: folder, image: join(folder, 'other'), signal: AbortSignal.abort() }
    await assert.rejects(makeImage(cancelled), { name: 'AbortError' })
  })
})
