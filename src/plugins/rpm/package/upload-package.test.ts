import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { DeckleError } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import type { UploadedFile } from '../../../core/upload.ts'
import { dependencyTags, rpmTags, signatureTags } from '../../../formats/rpm/rpm-tags.ts'
import { packageTags, rpmFile, type Tags } from '../../../testing/rpm-file.ts'
import { derivedFields } from '../derived-fields.ts'
import type { SignaturePolicy } from './signature-policy.ts'
import { uploadPackage } from './upload-package.ts'

const bear = rpmFile({ header: packageTags([[rpmTags.buildTime, { int32: [1_700_000_000] }]]) })
const source = rpmFile({ header: packageTags([[rpmTags.sourcePackage, { int32: [1] }]]) })
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

function uploaded(bytes: Buffer): UploadedFile {
  return {
    size: bytes.length,
    async *read() {
      for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100)
    },
  }
}

interface Upload {
  readonly type?: string
  readonly key?: JsonObject
  readonly metadata?: JsonObject
  readonly signatures?: SignaturePolicy
}

async function upload(
  bytes: Buffer,
  { type = 'rpm', key = {}, metadata = {}, signatures }: Upload = {},
): Promise<DiscoveredUnit> {
  const { signal } = new AbortController()
  const { units } = await uploadPackage({ type, key, metadata, file: uploaded(bytes), signal, config: { signatures } })
  const [unit, ...more] = units
  assert.ok(unit !== undefined && more.length === 0)
  return unit
}

function refuses(upload: Promise<unknown>, code: string | undefined, fields?: readonly string[]): Promise<void> {
  return assert.rejects(upload, (error) => {
    assert.ok(error instanceof DeckleError && error.kind === 'invalid', String(error))
    assert.equal(error.details.code, code)
    if (fields !== undefined) assert.deepEqual(error.details.fields, fields)
    return true
  })
}

describe('an uploaded package', () => {
  it('becomes a unit of what its header says', async () => {
    const unit = await upload(bear)
    const checksum = sha256(bear)
    const nevra = { name: 'bear', epoch: '0', version: '4.1', release: '1', arch: 'noarch' }
    assert.deepEqual(unit.key, { ...nevra, checksumtype: 'sha256', checksum })
    assert.equal(unit.type, 'rpm')
    const { filename, size, summary, build_time, sourcerpm, version_sort_index } = unit.metadata
    assert.deepEqual(
      { filename, size, summary, build_time, sourcerpm, version_sort_index },
      {
        filename: 'bear-4.1-1.noarch.rpm',
        size: bear.length,
        summary: 'A bear',
        build_time: 1_700_000_000,
        sourcerpm: 'bear-4.1-1.src.rpm',
        version_sort_index: '01-4.01-1',
      },
    )
    assert.match(String(Buffer.from(unit.documents?.['primary'] ?? [])), /<location href="bear-4.1-1.noarch.rpm"\/>/)
  })

  it('has the uploaded bytes as its file', async () => {
    const [file] = (await upload(bear)).files
    assert.deepEqual(file?.digests, [{ algorithm: 'sha256', value: sha256(bear) }])
    assert.deepEqual(Buffer.concat(await Array.fromAsync(file.content?.() ?? [])), bear)
  })

  it('gives the same unit whenever it is uploaded', async () => {
    const [one, two] = [await upload(bear), await upload(bear)]
    assert.deepEqual([one.metadata, one.documents], [two.metadata, two.documents])
  })

  it('shows clients its capabilities', async () => {
    const { name, flags, version } = dependencyTags.provides
    const provides: Tags = [
      [name, { texts: ['bear', 'animal'] }],
      [flags, { int32: [8, 0] }],
      [version, { texts: ['4.1-1', ''] }],
    ]
    const { documents = {} } = await upload(rpmFile({ header: packageTags(provides) }))
    assert.deepEqual(derivedFields['provides']?.(documents, {}), [
      { name: 'bear', epoch: '0', version: '4.1', release: '1', flags: 'EQ' },
      { name: 'animal', epoch: null, version: null, release: null, flags: null },
    ])
  })

  it('tells the last eight digits of the key that it was signed with', async () => {
    const signature = Buffer.from(`8811${'03050000000000'}0123456789abcdef0108`, 'hex')
    const signed = rpmFile({ header: packageTags(), signature: [[signatureTags.rsaHeader, { binary: signature }]] })
    assert.equal((await upload(signed)).metadata['signing_key'], '89abcdef')
    assert.equal((await upload(bear)).metadata['signing_key'], undefined)
  })

  it('is taken only with a signature that the repository takes', async () => {
    const signature = Buffer.from(`8811${'03050000000000'}0123456789abcdef0108`, 'hex')
    const signed = rpmFile({ header: packageTags(), signature: [[signatureTags.rsaHeader, { binary: signature }]] })
    const keys = (required: boolean, ...allowedKeys: string[]) => ({ signatures: { required, allowedKeys } })
    await refuses(upload(bear, keys(true)), 'RPM1013')
    await refuses(upload(bear, keys(true, '89abcdef')), 'RPM1013')
    await refuses(upload(signed, keys(false, 'deadbeef')), 'RPM1014')
    for (const taken of [keys(true), keys(true, 'deadbeef', '89abcdef')]) await upload(signed, taken)
    await upload(bear, keys(false, 'deadbeef'))
  })

  it('is a source package by its own word, whose file may be a nosrc one', async () => {
    const unit = await upload(source, { type: 'srpm' })
    assert.deepEqual([unit.type, unit.key['arch']], ['srpm', 'src'])
    assert.equal(unit.metadata['filename'], 'bear-4.1-1.src.rpm')
    const tags: Tags = [
      [rpmTags.sourcePackage, { int32: [1] }],
      [rpmTags.noSource, { int32: [0] }],
    ]
    const without = await upload(rpmFile({ header: packageTags(tags) }), { type: 'srpm' })
    assert.deepEqual([without.key['arch'], without.metadata['filename']], ['src', 'bear-4.1-1.nosrc.rpm'])
  })

  it('is refused as the other type', async () => {
    await refuses(upload(source), 'RPM1002', ['unit_type_id'])
    await refuses(upload(bear, { type: 'srpm' }), 'RPM1003', ['unit_type_id'])
  })

  it('is refused when it is no package, or a delta of one', async () => {
    await refuses(upload(Buffer.alloc(0)), 'RPM1016')
    await refuses(upload(Buffer.alloc(5000, 'x')), 'RPM1016')
    await refuses(upload(bear.subarray(0, 300)), 'RPM1016')
    await refuses(upload(rpmFile({ header: packageTags([[rpmTags.name, '']]) })), 'RPM1016')
    await refuses(upload(rpmFile({ header: packageTags([[rpmTags.name, 'x'.repeat(300)]]) })), 'RPM1016')
    await refuses(upload(rpmFile({ header: packageTags([[rpmTags.payloadFormat, 'drpm']]) })), 'RPM1016')
  })

  it('is refused when it is not what the client says of it', async () => {
    const checksum = sha256(bear)
    await upload(bear, { metadata: { checksum: checksum.toUpperCase(), size: bear.length } })
    await refuses(upload(bear, { metadata: { checksum: checksum.replace(/^./, 'x') } }), 'PLP1013')
    await refuses(upload(bear, { key: { checksum: sha256(source) } }), 'PLP1013')
    await refuses(upload(bear, { metadata: { checksum, checksum_type: 'md5' } }), 'PLP1013')
    await refuses(upload(bear, { metadata: { size: 5 } }), undefined, ['size'])
  })

  it('has the kind of checksum that the client asks for', async () => {
    const unit = await upload(bear, { metadata: { checksum_type: 'sha' } })
    const checksum = createHash('sha1').update(bear).digest('hex')
    assert.deepEqual([unit.key['checksumtype'], unit.key['checksum']], ['sha1', checksum])
    assert.deepEqual(unit.files[0]?.digests, [{ algorithm: 'sha1', value: checksum }])
    await refuses(upload(bear, { metadata: { checksum_type: 'crc' } }), undefined, ['checksum_type'])
  })

  it('has the fields that the client gives instead of those of its header, its documents have not', async () => {
    const key = { name: 'lion', epoch: 3, version: null }
    const metadata = { summary: 'A lion', build_time: 5, name: 'tiger', vendor: null }
    const unit = await upload(bear, { key, metadata })
    assert.deepEqual([unit.key['name'], unit.key['epoch'], unit.key['version']], ['lion', '3', '4.1'])
    assert.deepEqual([unit.metadata['summary'], unit.metadata['build_time']], ['A lion', 5])
    assert.equal(unit.metadata['filename'], 'lion-4.1-1.noarch.rpm')
    assert.match(String(Buffer.from(unit.documents?.['primary'] ?? [])), /<name>bear<\/name>/)
  })

  it('has the file name that the client gives', async () => {
    const named = async (metadata: JsonObject) => (await upload(bear, { metadata })).files[0]?.path
    assert.equal(await named({ filename: 'other.rpm' }), 'other.rpm')
    assert.equal(await named({ relativepath: 'Packages/b/other.rpm' }), 'other.rpm')
    for (const filename of ['../x.rpm', 'a/b.rpm', '..', 'x\0.rpm', `${'x'.repeat(300)}.rpm`])
      await refuses(named({ filename }), undefined, ['filename'])
    await refuses(named({ relativepath: 'folder/' }), undefined, ['relativepath'])
  })

  it('is refused with fields that do not fit, or that only the file can say', async () => {
    const metadata = { requires: [], arch: 'a b', vendor: 5, time: -1, summary: 'x\0', files: null, _id: 'x' }
    const refused = upload(bear, { key: { name: '' }, metadata })
    await refuses(refused, undefined, ['requires', '_id', 'name', 'arch', 'summary', 'vendor', 'time'])
    await refuses(upload(bear, { key: { arch: 'src' } }), undefined, ['arch'])
  })

  it('stops being read when the task is cancelled', async () => {
    const cancel = new AbortController()
    cancel.abort(new Error('cancelled'))
    const run = {
      type: 'rpm',
      key: {},
      metadata: {},
      config: { signatures: undefined },
      file: uploaded(bear),
      signal: cancel.signal,
    }
    await assert.rejects(uploadPackage(run), /cancelled/)
  })
})
