import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DeckleError } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { Advisory } from './advisory.ts'
import { toAdvisory, toErratumUnit } from './erratum-unit.ts'
import { uploadErratum } from './upload-erratum.ts'

const one = { name: 'bear', version: '1', release: '2', epoch: 0, arch: 'noarch', filename: 'bear.rpm', src: null }
const metadata = {
  title: 'Bears',
  type: 'security',
  updated: '2020-01-01 00:00:00',
  description: null,
  reboot_suggested: true,
  references: [{ href: 'http://x.test', id: '1', type: 'bugzilla', title: 'bug' }],
  pkglist: [{ name: 'c', short: '', packages: [{ ...one, sum: ['md5', 'x'] }] }],
}

async function upload(metadata: JsonObject, held?: Advisory, key: JsonObject = { id: 'A-1' }): Promise<Advisory> {
  const known = held && toErratumUnit(held)
  const file = { size: 0, async *read() {} }
  const { units } = await uploadErratum({
    repository: { id: 'r' },
    key,
    metadata,
    file,
    known: async () => known && { metadata: known.metadata, documents: known.documents ?? {} },
  })
  const [unit] = units
  assert.ok(unit !== undefined && units.length === 1)
  assert.deepEqual([unit.type, unit.key], ['erratum', { id: 'A-1' }])
  return toAdvisory(unit.metadata, unit.documents ?? {})
}

function refuses(upload: Promise<unknown>, fields: readonly string[], code?: string): Promise<void> {
  return assert.rejects(upload, (error) => {
    assert.ok(error instanceof DeckleError && error.kind === 'invalid', String(error))
    assert.deepEqual([error.details.fields, error.details.code], [fields, code])
    return true
  })
}

describe('an uploaded erratum', () => {
  it('is made of its key and metadata', async () => {
    const { title, description, reboot_suggested, references, pkglist } = await upload(metadata)
    assert.deepEqual(
      { title, description, reboot_suggested, references },
      {
        title: 'Bears',
        description: '',
        reboot_suggested: true,
        references: metadata.references,
      },
    )
    const flags = { reboot_suggested: false, relogin_suggested: false, restart_suggested: false }
    const packages = [{ ...one, epoch: '0', sum: ['md5', 'x'], ...flags }]
    assert.deepEqual(pkglist, [{ name: 'c', short: '', packages, origin: 'upload:r' }])
    assert.deepEqual((await upload({})).pkglist, [])
  })

  it('is merged with the one that the repository holds', async () => {
    const first = await upload(metadata)
    const later = { ...metadata, title: 'Later', updated: '2020-01-01 00:00:01' }
    const more = [{ ...metadata.pkglist[0], name: 'd' }]
    const merged = await upload({ ...later, pkglist: more }, first)
    assert.deepEqual([merged.title, merged.pkglist.map(({ name }) => name)], ['Later', ['c', 'd']])
    const earlier = await upload({ ...metadata, title: 'Earlier', updated: '' }, first)
    assert.deepEqual([earlier.title, earlier.pkglist], ['Bears', first.pkglist])
    const synced = { ...first, pkglist: first.pkglist.map((collection) => ({ ...collection, origin: 'r' })) }
    assert.equal((await upload(metadata, synced)).pkglist.length, 2)
  })

  it('is refused with a date in another form', async () => {
    await refuses(upload({ issued: '2020-01-01' }), ['issued'], 'RPM1007')
    await refuses(upload({ updated: 'yesterday' }), ['updated'], 'RPM1007')
  })

  it('is refused with what does not fit', async () => {
    await refuses(upload({}, undefined, {}), ['id'])
    await refuses(upload({}, undefined, { id: 'x'.repeat(300) }), ['id'])
    await refuses(upload({ other: 1, title: 5, summary: 'x\0' }), ['other', 'title', 'summary'])
    for (const references of [5, {}, [5], [{ href: 5 }]]) await refuses(upload({ references }), ['references'])
    const packages = [[{}], [5], [{ ...one, name: 5 }], [{ ...one, epoch: [] }], [{ ...one, sum: ['md5'] }], 5]
    for (const list of packages) await refuses(upload({ pkglist: [{ name: 'c', packages: list }] }), ['pkglist'])
    await refuses(upload({ pkglist: [{ name: 5 }] }), ['pkglist'])
  })

  it('is refused with a file', async () => {
    const file = { size: 1, async *read() {} }
    const run = { repository: { id: 'r' }, key: { id: 'A-1' }, metadata: {}, file, known: async () => undefined }
    await assert.rejects(uploadErratum(run), /has no file/)
  })
})
