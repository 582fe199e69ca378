import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sha256Hex } from '../../../core/digest.ts'
import type { GeneratedFile } from '../../../core/distributor.ts'
import { parseManifest } from '../../../formats/file-manifest.ts'
import { ExportManifest } from './export-manifest.ts'

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

async function textOf({ body }: GeneratedFile): Promise<string> {
  return Buffer.concat(await Array.fromAsync(body)).toString()
}

describe('the manifest of an export', () => {
  it('lists what has passed, as readers of manifests understand it', async () => {
    const manifest = new ExportManifest()
    for (const path of ['a/b.rpm', 'with, comma and "quotes"']) {
      assert.equal(await textOf({ path, mediaType: '', body: manifest.reading(path, bytes(path)) }), path)
    }
    const made = manifest.making('below/', { path: ({ size }) => `made-${size}`, mediaType: '', body: bytes('') })
    if (!('segments' in made)) made.stored?.({ sha256: sha256Hex('x'), size: 1 })
    assert.deepEqual(parseManifest(await textOf(manifest.file())), [
      { name: 'a/b.rpm', checksum: sha256Hex('a/b.rpm'), size: 7 },
      { name: 'with, comma and "quotes"', checksum: sha256Hex('with, comma and "quotes"'), size: 24 },
      { name: 'below/made-1', checksum: sha256Hex('x'), size: 1 },
    ])
  })
})
