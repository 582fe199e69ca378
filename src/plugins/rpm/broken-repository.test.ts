import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { DeckleError } from '../../core/errors.ts'
import { anRpm } from '../../testing/repodata.ts'
import { SyncTrial } from '../../testing/sync-run.ts'
import { feed, namesOf, repomdUrl, sync, synced, upstream } from '../../testing/yum-sync.ts'
import { yumImporter } from './yum-importer.ts'

const code = (expected: string) => (error: unknown) => error instanceof DeckleError && error.details.code === expected
const reason = (text: RegExp) => (error: unknown) =>
  error instanceof DeckleError && text.test(String(error.details.data?.['reason']))

describe('a repository that is broken', () => {
  const packages = [anRpm(), anRpm({ name: 'cat' })]

  it('has no feed: RPM1005', async () => {
    await assert.rejects(new SyncTrial(yumImporter, {}).run({}), code('RPM1005'))
  })

  it('is not there: RPM1004 with the reason', async () => {
    for (const status of [404, 403, 500]) await assert.rejects(sync({ [repomdUrl]: status }), code('RPM1004'))
    await assert.rejects(sync({}), reason(/repomd\.xml.*404/))
  })

  it('has no repomd.xml that could be read: RPM1006', async () => {
    for (const body of ['', '<html>', '<repomd><data>'])
      await assert.rejects(sync({ [repomdUrl]: body }), code('RPM1006'))
  })

  it('lists no primary: RPM1015', async () => {
    await assert.rejects(synced({ packages, edit: () => undefined }), code('RPM1015'))
  })

  it('lacks a metadata file, or has one with other bytes: RPM1004 that names the file', async () => {
    const files = await upstream({ packages })
    const primary = Object.keys(files).find((url) => url.includes('primary')) ?? assert.fail()
    await assert.rejects(sync({ ...files, [primary]: 404 }), reason(/primary\.xml\.gz/))
    await assert.rejects(sync({ ...files, [primary]: gzipSync('other') }), reason(/primary\.xml\.gz.*size/))
    const damaged = Buffer.from(files[primary] ?? assert.fail())
    damaged.writeUInt8(damaged.readUInt8(30) ^ 1, 30)
    await assert.rejects(sync({ ...files, [primary]: damaged }), reason(/primary\.xml\.gz.*sha256/))
  })

  it('follows an upstream that changes while it is read, once', async () => {
    const [before, after] = [await upstream({ packages }), await upstream({ packages: [anRpm({ name: 'new' })] })]
    const first = before[repomdUrl] ?? assert.fail()
    let asked = 0
    const files = {
      ...after,
      get [repomdUrl]() {
        asked += 1
        return asked === 1 ? first : (after[repomdUrl] ?? assert.fail())
      },
    }
    const trial = await sync(files)
    assert.deepEqual(namesOf(trial), ['new-4.1-1.noarch.rpm'])
    const again = await sync(after, {}, trial.remembered)
    assert.deepEqual(again.requests, [repomdUrl])
  })

  it('announces more packages than it has, or fewer: RPM1015', async () => {
    for (const file of ['primary', 'filelists', 'other']) {
      for (const count of ['1', '3']) {
        const edit = (name: string, xml: string) =>
          name === file ? xml.replace('packages="2"', `packages="${count}"`) : xml
        await assert.rejects(
          synced({ packages, edit }),
          reason(new RegExp(`${file}.* announces ${count} packages and holds 2`)),
        )
      }
    }
  })

  it('has metadata that is cut off or no XML: RPM1006 that names the file', async () => {
    for (const file of ['primary', 'filelists', 'other']) {
      const cut = (name: string, xml: string) => (name === file ? xml.slice(0, -20) : xml)
      await assert.rejects(synced({ packages, edit: cut }), reason(new RegExp(`${file}.xml`)))
      const foreign = (name: string, xml: string) => (name === file ? '<html/>' : xml)
      await assert.rejects(synced({ packages, edit: foreign }), code('RPM1006'))
    }
  })

  it('states another open size than its metadata has: RPM1006', async () => {
    const files = await upstream({ packages })
    const repomd = String(files[repomdUrl])
    for (const size of ['10', '999999']) {
      const wrong = repomd.replace(/<open-size>\d+/, `<open-size>${size}`)
      await assert.rejects(sync({ ...files, [repomdUrl]: wrong }), code('RPM1006'))
    }
  })

  it('stops when it is cancelled', async () => {
    const trial = new SyncTrial(yumImporter, await upstream({ packages }))
    trial.abort()
    await assert.rejects(trial.run({ feed }), { name: 'AbortError' })
  })
})
