import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { ContentType } from '../core/content-type.ts'
import { Verifier } from '../core/digest.ts'
import type { Distributor } from '../core/distributor.ts'
import { DeckleError } from '../core/errors.ts'
import type { Importer } from '../core/importer.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { ownerField } from '../core/owned-unit.ts'
import { type Plugin, Plugins } from '../core/plugin.ts'
import type { DiscoveredUnit } from '../core/unit.ts'
import { PublishTrial } from './publish-run.ts'
import { SyncTrial, type UpstreamFiles } from './sync-run.ts'

export interface PluginCase {
  readonly plugin: Plugin
  /** A sync of an importer, by its id, that finds something. */
  readonly syncs: Readonly<Record<string, { readonly config: JsonObject; readonly upstream?: UpstreamFiles }>>
  /** A config of a distributor, by its id. */
  readonly publishes: Readonly<Record<string, JsonObject>>
}

/** What the core relies on in every plugin. */
export function pluginContract({ plugin, syncs, publishes }: PluginCase): void {
  const known = new Plugins([plugin])
  for (const importer of known.importers) {
    const example = syncs[importer.id]
    if (example === undefined) throw new Error(`the contract needs a sync of ${importer.id}`)
    describe(`${importer.id} as an importer`, () => importerContract(known, importer, example))
  }
  for (const distributor of known.distributors) {
    const config = publishes[distributor.id]
    if (config === undefined) throw new Error(`the contract needs a config of ${distributor.id}`)
    const run = async (repositoryId?: string) => {
      const trials = known.importers.map(async ({ id }) => (await sync(known.importer(id), syncs[id])).units)
      return new PublishTrial(distributor, (await Promise.all(trials)).flat()).run(config, undefined, repositoryId)
    }
    describe(`${distributor.id} as a distributor`, () => distributorContract(known, distributor, run))
  }
}

function sync(importer: Importer, example: PluginCase['syncs'][string] = { config: {} }) {
  return new SyncTrial(importer, example.upstream ?? {}).run(example.config)
}

function importerContract(known: Plugins, importer: Importer, example: PluginCase['syncs'][string]): void {
  const typeOf = (id: string): ContentType => {
    const type = known.contentTypes.find((one) => one.id === id)
    assert.ok(type !== undefined && importer.contentTypes.includes(id), `${id} is none of its types`)
    return type
  }

  it('finds units as their content type describes them', async () => {
    const { units, complete } = await sync(importer, example)
    assert.ok(units.length > 0)
    for (const unit of units) requireUnit(unit, typeOf(unit.type))
    for (const type of complete) typeOf(type)
  })

  it('finds the same units in a second run', async () => {
    const [first, second] = [await sync(importer, example), await sync(importer, example)]
    const plain = (units: readonly DiscoveredUnit[]) => JSON.stringify(units)
    assert.equal(plain(second.units), plain(first.units))
  })

  it('makes bytes of files that are what it says of them, as often as it is asked', async () => {
    const { units } = await sync(importer, example)
    for (const file of units.flatMap((unit) => unit.files)) {
      if (file.content === undefined) continue
      assert.ok(file.digests.length > 0, `${file.path} has no digest`)
      for (const body of [file.content(), file.content()]) {
        const verifier = new Verifier({ digests: file.digests, ...(file.size !== undefined && { size: file.size }) })
        for await (const chunk of body) verifier.update(chunk)
        verifier.finish()
      }
    }
  })

  it('takes any config or refuses it as invalid', () => takesOrRefuses(importer.config))

  it('describes a run in each state, with what it found or before that', async () => {
    const trial = await sync(importer, example)
    const fresh = new SyncTrial(importer, {})
    for (const state of ['running', 'finished', 'failed', 'cancelled'] as const) {
      for (const progress of [trial.progress({ state }), fresh.progress({ state, error: 'why' })]) {
        requireJson({ ...importer.describe(progress) })
      }
    }
  })
}

function distributorContract(
  known: Plugins,
  distributor: Distributor,
  publish: (repositoryId?: string) => Promise<PublishTrial<unknown>>,
): void {
  it('has content types, and the layout of each config, that it knows', () => {
    for (const type of distributor.contentTypes)
      assert.ok(
        known.contentTypes.some(({ id }) => id === type),
        type,
      )
    const config = distributor.config.parse({})
    assert.ok(Object.hasOwn(distributor.layouts, distributor.layout(config)))
    assert.match(distributor.basePath(config, 'zoo'), /^\/pulp\/[^/]+(\/[^/]+)+$/)
  })

  it('finds the file of a unit where it places it, and in the folders above', () => {
    const name = fc.stringMatching(/^[\w.-]{1,8}$/).filter((text) => !/^\.+$/.test(text))
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
    for (const [id, layout] of Object.entries(distributor.layouts)) {
      assert.equal(layout.id, id)
      fc.assert(
        fc.property(path, (unitFile) => {
          const place = layout.place(unitFile)
          const found = layout.locate(place)
          // The place of a generated file is taken.
          if (found === undefined) return
          assert.equal(found, unitFile)
          for (let end = place.lastIndexOf('/'); end > 0; end = place.lastIndexOf('/', end - 1)) {
            const prefix = layout.unitFilesBelow(place.slice(0, end + 1))
            assert.ok(prefix !== undefined && unitFile.startsWith(prefix))
          }
        }),
      )
    }
  })

  it('makes files at places where no unit file can stand', async () => {
    const { files } = await publish()
    for (const path of files.keys()) {
      assert.ok(!path.split('/').some((part) => ['', '.', '..'].includes(part)), path)
      for (const layout of Object.values(distributor.layouts)) assert.equal(layout.locate(path), undefined, path)
    }
  })

  it('makes the same files of the same units', async () => {
    assert.deepEqual((await publish()).files, (await publish()).files)
  })

  it('makes the same files in another repository, if it shares them', async () => {
    if (distributor.sharing === undefined) return
    assert.deepEqual((await publish('another')).files, (await publish()).files)
  })

  it('takes any config or refuses it as invalid', () => takesOrRefuses(distributor.config))

  it('describes a run in each state', async () => {
    const trial = await publish()
    for (const state of ['running', 'finished', 'failed', 'cancelled'] as const) {
      for (const progress of [trial.progress(state, 'why'), { state, steps: [] }]) {
        requireJson({ ...distributor.describe(progress) })
      }
    }
  })
}

function requireUnit(unit: DiscoveredUnit, type: ContentType): void {
  const name = JSON.stringify(unit.key)
  // The core adds the owner.
  const keyFields = type.keyFields.filter((field) => type.scope !== 'repository' || field !== ownerField)
  assert.deepEqual(Object.keys(unit.key).sort(), [...keyFields].sort(), name)
  for (const field of keyFields) assert.deepEqual(unit.metadata[field], unit.key[field], name)
  for (const value of Object.values(unit.metadata)) assert.ok(typeof value !== 'object' || value === null, name)
  for (const document of Object.keys(unit.documents ?? {})) assert.ok(type.documents.includes(document), name)
  assert.ok(type.hasFiles || unit.files.length === 0, name)
  for (const { path, urls, content } of unit.files) {
    assert.ok(!path.split('/').some((part) => ['', '.', '..'].includes(part)), path)
    assert.ok(content !== undefined || urls.length > 0, `nobody can have ${path}`)
  }
}

function takesOrRefuses(config: Importer['config']): void {
  const keys = fc.constantFrom('feed', 'relative_url', 'publish_dir', 'texts', 'num_units', 'write_files', 'x')
  const raw = fc.dictionary(keys, fc.jsonValue({ maxDepth: 2 }))
  fc.assert(
    fc.property(raw, (sent) => {
      // What JSON is to fast-check is JSON to us.
      const given = JSON.parse(JSON.stringify(sent)) as JsonObject
      for (const read of [() => config.storable?.(given), () => config.parse(given)]) {
        try {
          read()
        } catch (error) {
          assert.ok(error instanceof DeckleError && error.kind === 'invalid', String(error))
        }
      }
    }),
  )
}

function requireJson(description: JsonObject): void {
  const lost = (value: Json): boolean => {
    if (Array.isArray(value)) return value.some(lost)
    if (isJsonObject(value)) return Object.values(value).some(lost)
    return value === undefined || (typeof value === 'number' && !Number.isFinite(value))
  }
  assert.ok(!lost(description), JSON.stringify(description))
}
