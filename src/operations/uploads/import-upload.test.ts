import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, it } from 'node:test'
import { sha256Hex } from '../../core/digest.ts'
import { DeckleError } from '../../core/errors.ts'
import type { Importer } from '../../core/importer.ts'
import type { JsonObject } from '../../core/json.ts'
import { type Plugin, Plugins } from '../../core/plugin.ts'
import type { VersionStore } from '../../core/repository-version.ts'
import type { KnownUnit, UploadRun } from '../../core/upload.ts'
import type { OpenDatabase } from '../../database/connection.ts'
import { plugins } from '../../plugins/index.ts'
import { inChunks } from '../../testing/blob-store-contract.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { openWorkBench, type WorkBench } from '../../testing/work-bench.ts'
import { createRepository } from '../manage-repositories.ts'
import { type ImportRequest, importUploadTask } from './import-upload.ts'

/** The plugins with something else in one of their importers. */
function withImporter(id: string, instead: Partial<Importer>): Plugins {
  const change = (plugin: Plugin): Plugin => ({
    ...plugin,
    importers: plugin.importers.map((importer) => (importer.id === id ? { ...importer, ...instead } : importer)),
  })
  return new Plugins(plugins.map(change))
}

onEachDatabase('the import of an upload', (fresh) => {
  let opened: OpenDatabase
  let bench: WorkBench
  let folder: string
  let count = 0

  before(async () => {
    opened = await fresh.open()
    folder = await mkdtemp(join(tmpdir(), 'deckle-test-'))
    bench = await openWorkBench(opened, folder)
  })
  after(() => rm(folder, { recursive: true }))
  afterEach(async () => {
    assert.deepEqual(await readdir(`${folder}/blobs/staging`), [], 'temporary files stayed')
  })

  async function aRepository(importer: string | undefined = 'iso_importer', config: JsonObject = {}): Promise<string> {
    const id = `uploads-${++count}`
    await createRepository(bench.services, {
      id,
      description: null,
      notes: {},
      ...(importer !== '' && { importer: { type: importer, config } }),
      distributors: [],
    })
    return id
  }

  async function anUpload(content = ''): Promise<string> {
    const id = await bench.services.uploads.create()
    await bench.services.uploads.write(id, 0, inChunks(Buffer.from(content)))
    return id
  }

  /** A file as clients upload it, named after its content. */
  async function aFile(content: string, instead: Partial<ImportRequest> = {}): Promise<ImportRequest> {
    const key = { name: `${content}.iso`, checksum: sha256Hex(content), size: content.length }
    return { upload: await anUpload(content), type: 'iso', key, metadata: {}, override: {}, ...instead }
  }

  const importTo = (repository: string, request: ImportRequest, on = bench) =>
    on.run(importUploadTask(repository, request))

  async function unitsOf(id: string) {
    const { latest } = await bench.services.repositories.get(id)
    const types = ['iso', 'demo_text']
    const found = bench.services.versions.units({ repositoryId: id, version: latest, types, files: true })
    return { latest, units: await Array.fromAsync(found) }
  }

  it('stores the file and makes a version with its unit; the upload stays until it is deleted', async () => {
    const id = await aRepository()
    const request = await aFile('some bytes')
    const { result, progress } = await importTo(id, request)
    assert.deepEqual([result, progress], [{ success_flag: true, summary: null, details: null }, {}])
    const { latest, units } = await unitsOf(id)
    assert.deepEqual([latest, units.map(({ unit }) => unit.metadata)], [1, [request.key]])
    const stored = await bench.services.blobs.read(String(request.key['checksum']))
    assert.equal(String(Buffer.concat(await stored.toArray())), 'some bytes')
    assert.equal((await bench.services.uploads.open(request.upload)).size, 10)
    assert.ok((await bench.services.repositories.get(id)).lastUnitAdded instanceof Date)
  })

  it('does nothing more when it runs again after its worker died', async () => {
    const id = await aRepository()
    const request = await aFile('twice')
    const real = bench.services.versions
    const versions: VersionStore = Object.assign(Object.create(real), {
      async open(...args: Parameters<VersionStore['open']>) {
        const draft = await real.open(...args)
        draft.commit = () => Promise.reject(new Error('killed'))
        return draft
      },
    })
    const broken = await openWorkBench(opened, folder, { versions })
    await assert.rejects(importTo(id, request, broken), /killed/)
    assert.deepEqual((await unitsOf(id)).units, [])
    for (let run = 0; run < 2; run++) {
      const { result } = await importTo(id, request)
      assert.deepEqual(result, { success_flag: true, summary: null, details: null })
      const { latest, units } = await unitsOf(id)
      assert.deepEqual([latest, units.length], [1, 1])
    }
  })

  it('puts a file that the server has already into another repository, too', async () => {
    const [first, second] = [await aRepository(), await aRepository()]
    await importTo(first, await aFile('shared'))
    await importTo(second, await aFile('shared'))
    assert.equal((await unitsOf(second)).units.length, 1)
  })

  it('replaces the file of a name', async () => {
    const id = await aRepository()
    const name = 'fixed'
    for (const content of ['old', 'newer']) {
      const request = await aFile(content)
      await importTo(id, { ...request, key: { ...request.key, name } })
    }
    const { latest, units } = await unitsOf(id)
    assert.deepEqual([latest, units.map(({ unit }) => unit.metadata['size'])], [2, [5]])
  })

  it('makes units without a file of their key and metadata alone', async () => {
    const id = await aRepository('demo_importer')
    const upload = await bench.services.uploads.create()
    const text = { upload, type: 'demo_text', key: { name: 'hello' }, metadata: { text: 'hi' }, override: {} }
    const { result } = await importTo(id, text)
    assert.deepEqual(result, { success_flag: true, summary: '', details: {} })
    assert.deepEqual(
      (await unitsOf(id)).units.map(({ unit }) => unit.metadata),
      [{ name: 'hello', size: 2 }],
    )
    await assert.rejects(importTo(id, { ...text, metadata: {} }), {
      details: {
        code: 'PLP0047',
        data: {
          importer_id: 'demo_importer',
          unit_type: 'demo_text',
          repo_id: id,
          summary: '',
          details: { errors: ['unit_metadata must have a text'] },
        },
      },
    })
  })

  it('is an error with PLP0047 for a file that is not what its key says, and changes nothing', async () => {
    const id = await aRepository()
    const request = await aFile('right')
    await assert.rejects(importTo(id, { ...request, upload: await anUpload('wrong') }), (error) => {
      assert.ok(error instanceof DeckleError && error.kind === 'invalid')
      const { code, data } = error.details
      assert.deepEqual(
        [code, data?.['importer_id'], data?.['unit_type'], data?.['repo_id']],
        ['PLP0047', 'iso_importer', 'iso', id],
      )
      assert.match(String(data?.['summary']), /sha256 is .* expected/)
      assert.equal(data?.['details'], null)
      return true
    })
    assert.equal((await unitsOf(id)).latest, 0)
  })

  it('fails as a whole when the bytes are others by the time they are stored', async () => {
    const id = await aRepository()
    const request = await aFile('first')
    const upload: Importer['upload'] = async (run) => {
      const file = {
        path: 'x',
        size: 5,
        digests: [{ algorithm: 'sha256', value: sha256Hex('first') } as const],
        urls: [],
      }
      const unit = {
        type: 'iso',
        key: run.key,
        metadata: run.key,
        files: [{ ...file, content: () => run.file.read() }],
      }
      await bench.services.uploads.write(request.upload, 0, inChunks(Buffer.from('other')))
      return { units: [unit] }
    }
    const changed = await openWorkBench(opened, folder, { plugins: withImporter('iso_importer', { upload }) })
    await assert.rejects(importTo(id, request, changed), (error) => {
      assert.ok(error instanceof DeckleError)
      assert.deepEqual([error.details.code, /sha256 is/.test(error.message)], ['PLP0047', true])
      return true
    })
    assert.equal((await unitsOf(id)).latest, 0)
  })

  it('passes on the code that a plugin publishes', async () => {
    const upload = async () => {
      throw new DeckleError('invalid', 'this is a source package', { code: 'RPM1002' })
    }
    const strict = await openWorkBench(opened, folder, { plugins: withImporter('iso_importer', { upload }) })
    const failure = { kind: 'invalid', details: { code: 'RPM1002' } }
    await assert.rejects(importTo(await aRepository(), await aFile('x'), strict), failure)
  })

  it('shows the importer what the repository holds of a key', async () => {
    const seen: (KnownUnit | undefined)[] = []
    const [iso] = new Plugins(plugins).importers.filter(({ id }) => id === 'iso_importer')
    const upload: Importer['upload'] = async (run: UploadRun<unknown>) => {
      seen.push(await run.known('iso', run.key), await run.known('iso', { ...run.key, name: 'other' }))
      return (await iso?.upload?.(run)) ?? { units: [] }
    }
    const looking = await openWorkBench(opened, folder, { plugins: withImporter('iso_importer', { upload }) })
    const [id, request] = [await aRepository(), await aFile('known')]
    await importTo(id, request, looking)
    await importTo(id, request, looking)
    assert.deepEqual(seen, [undefined, undefined, { metadata: request.key, documents: {} }, undefined])
  })

  it('is an error without the repository, its importer, the upload, or an importer that takes the type', async () => {
    const [id, request] = [await aRepository(), await aFile('y')]
    const missing = (resources: JsonObject) => ({ kind: 'not-found', details: { resources } })
    await assert.rejects(importTo('no-such', request), missing({ repository: 'no-such' }))
    const bare = await aRepository('')
    await assert.rejects(importTo(bare, request), missing({ repo_id: bare }))
    for (const upload of [randomUUID(), 'no-uuid'])
      await assert.rejects(importTo(id, { ...request, upload }), missing({ upload_request: upload }))
    const unsupported = { kind: 'invalid', details: { fields: ['unit_type_id'], fault: 'invalid' } }
    await assert.rejects(importTo(id, { ...request, type: 'rpm' }), unsupported)
    const harness = await aRepository('harness_importer')
    await assert.rejects(importTo(harness, { ...request, type: 'harness_type_one' }), unsupported)
    await assert.rejects(importTo(id, { ...request, override: { validate: 'maybe' } }), { kind: 'invalid' })
  })

  it('stops when it is cancelled, and changes nothing', async () => {
    const [id, request] = [await aRepository(), await aFile('z')]
    await assert.rejects(bench.run(importUploadTask(id, request), AbortSignal.abort()))
    assert.equal((await unitsOf(id)).latest, 0)
  })
})
