import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sha256Hex } from '../../core/digest.ts'
import type { JsonObject } from '../../core/json.ts'
import { tryUpload } from '../../testing/upload-trial.ts'
import { isoImporter } from './iso-importer.ts'

const bytes = 'the content'
const key = { name: 'sub/a file.iso', checksum: sha256Hex(bytes), size: bytes.length }
const upload = (instead: JsonObject = {}, config: JsonObject = {}) =>
  tryUpload(isoImporter, { type: 'iso', key: { ...key, ...instead }, bytes, config })

describe('an uploaded file', () => {
  it('becomes the unit that its key says, with its bytes as the file', async () => {
    const { units } = await upload({ checksum: key.checksum.toUpperCase() })
    const [unit] = units
    const content = Buffer.concat(await Array.fromAsync(unit?.files[0]?.content?.() ?? []))
    assert.equal(String(content), bytes)
    const digests = [{ algorithm: 'sha256', value: key.checksum }]
    const { content: _, ...file } = unit?.files[0] ?? {}
    assert.deepEqual(file, { path: key.name, size: key.size, digests, urls: [] })
    assert.deepEqual([units.length, unit?.type, unit?.key, unit?.metadata], [1, 'iso', key, key])
  })

  it('must be what its key says', async () => {
    for (const [instead, message] of [
      [{ checksum: sha256Hex('other') }, /sha256 is .*, expected/],
      [{ size: key.size + 1 }, /size is 11 bytes, not the expected 12/],
      [{ size: 3 }, /size is 11 bytes, more than the expected 3/],
    ] as const)
      await assert.rejects(upload(instead), { message })
  })

  it('is taken as it is where the config says so', async () => {
    const { units } = await upload({ size: 3 }, { validate: false })
    assert.deepEqual([units[0]?.key['size'], units[0]?.files[0]?.size], [3, 11])
  })

  it('needs a name that leads nowhere else, a checksum and a size', async () => {
    const wrong: JsonObject[] = [
      ...[null, 7, '', 'PULP_MANIFEST', '/etc/passwd', '../up', 'a\u0001b'].map((name) => ({ name })),
      ...[null, 'abc', 5].map((checksum) => ({ checksum })),
      ...[null, '11', -1, 1.5, 1e300].map((size) => ({ size })),
    ]
    for (const instead of wrong)
      await assert.rejects(upload(instead), { kind: 'invalid', message: /in unit_key/ }, JSON.stringify(instead))
  })

  it('is told with null where other importers have empty values', () => {
    const { describeUpload } = isoImporter
    assert.deepEqual(describeUpload?.({}), { success_flag: true, summary: null, details: null })
    assert.deepEqual(describeUpload?.({ error: 'no' }), { success_flag: false, summary: 'no', details: null })
  })
})
