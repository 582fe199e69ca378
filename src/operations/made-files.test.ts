import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { before, it } from 'node:test'
import { sha256Hex } from '../core/digest.ts'
import { type Plugin, Plugins } from '../core/plugin.ts'
import type { DiscoveredFile } from '../core/unit.ts'
import { onOneDatabase } from '../testing/databases.ts'
import { plugin as raising } from '../testing/raising-plugin.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { openWorkBench, type WorkBench } from '../testing/work-bench.ts'
import { createRepository } from './manage-repositories.ts'
import { publishTask } from './publish-repository.ts'
import { syncTask } from './sync-repository.ts'

function aFile(path: string, text: string, made: string | undefined): DiscoveredFile {
  const digests = [{ algorithm: 'sha256', value: sha256Hex(text) } as const]
  if (made === undefined) return { path, digests, urls: [`http://127.0.0.1:1/${path}`] }
  return {
    path,
    digests,
    urls: [],
    async *content() {
      yield Buffer.from(made)
    },
  }
}

/** A family whose importer finds these files, to be fetched when they are asked for, and whose distributor copies them all. */
function pluginOf(files: readonly DiscoveredFile[], folder: string): Plugin {
  const [type] = raising.contentTypes
  const [importer] = raising.importers
  const [distributor] = raising.distributors
  assert.ok(type && importer && distributor)
  const layout = { id: 'raising-1', locate: (path: string) => path, place: (path: string) => path }
  return {
    name: 'made',
    contentTypes: [{ ...type, hasFiles: true }],
    importers: [
      {
        ...importer,
        policy: () => ({ removeMissing: false, download: 'on_demand' }),
        async *sync(run) {
          yield {
            units: files.map((file) => {
              const key = { name: file.path }
              return { type: type.id, key, metadata: key, files: [file] }
            }),
          }
          run.keep({ seen: files.length })
        },
      },
    ],
    distributors: [
      {
        ...distributor,
        layouts: { 'raising-1': { ...layout, unitFilesBelow: (path) => path } },
        delivery: {
          folder: () => ({ path: folder, key: 'publish_dir' }),
          async deliver(run, into) {
            for await (const unit of run.units({ types: [type.id], files: true })) {
              for (const file of unit.files) await into.write(file.path, run.read(file))
            }
          },
        },
      },
    ],
  }
}

onOneDatabase('files that an importer makes itself', (fresh) => {
  let folder: string
  let count = 0
  let open: (files: readonly DiscoveredFile[]) => Promise<{ bench: WorkBench; id: string; out: string }>

  before(async () => {
    const opened = await fresh.open()
    folder = await temporaryFolder()
    open = async (files) => {
      count += 1
      const [id, out] = [`made-${count}`, `${folder}/exports/${count}`]
      const bench = await openWorkBench(opened, folder, { plugins: new Plugins([pluginOf(files, out)]) })
      const distributor = { id: 'd', type: 'raising_distributor', config: {}, autoPublish: false }
      const importer = { type: 'raising_importer', config: {} }
      await createRepository(bench.services, {
        id,
        description: null,
        notes: {},
        importer,
        distributors: [distributor],
      })
      return { bench, id, out }
    }
  })

  const stored = (bench: WorkBench, text: string) => bench.services.blobs.size(sha256Hex(text))

  it('are stored at once although others wait to be asked for, and the scratchpad is kept', async () => {
    const { bench, id } = await open([aFile('made', 'made here', 'made here'), aFile('far', 'far away', undefined)])
    await bench.run(syncTask(id))
    assert.deepEqual([await stored(bench, 'made here'), await stored(bench, 'far away')], [9, undefined])
    assert.deepEqual((await bench.services.repositories.importer(id))?.scratchpad, { seen: 2 })
  })

  it('are left out, by name, when they are not what the importer said', async () => {
    const { bench, id } = await open([aFile('good', 'good', 'good'), aFile('bad', 'said', 'done')])
    await bench.run(syncTask(id))
    const { counts } = await bench.services.repositories.get(id)
    assert.deepEqual(counts, { raising_unit: 1 })
    assert.equal(await stored(bench, 'done'), undefined)
  })

  it('can be copied into a folder', async () => {
    const { bench, id, out } = await open([aFile('a', 'copied', 'copied')])
    await bench.run(syncTask(id))
    await bench.run(publishTask(id, 'd'))
    assert.equal(await readFile(`${out}/a`, 'utf8'), 'copied')
  })

  it('are copied together with others only when those are stored, and nothing is published before', async () => {
    const { bench, id, out } = await open([aFile('a', 'here', 'here'), aFile('b', 'not here', undefined)])
    await bench.run(syncTask(id))
    await assert.rejects(bench.run(publishTask(id, 'd')), { kind: 'conflict', message: /b is not stored: download/ })
    await assert.rejects(readFile(`${out}/a`), { code: 'ENOENT' })
    const { key } = await bench.services.repositories.distributor(id, 'd')
    assert.equal(await bench.services.publications.live(key), undefined)
  })
})
