import type { CopyPlace, CopyRun } from '../../../core/copier.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { Module } from '../errata/advisory.ts'
import { artifactsIn, dependenciesIn } from '../modules/module-lists.ts'
import { moduleDocument, modulemdType } from '../modules/module-types.ts'
import type { CopyOptions } from './copy-options.ts'
import { placesOf } from './copy-places.ts'
import { type Build, parseBuild } from './wanted-packages.ts'

type Run = CopyRun<CopyOptions>

/** A module of the source at a place (`copy-places.ts`), `id` the row of its unit. */
export interface SourceModule extends Module {
  readonly place: number
  readonly id: number
  readonly artifacts: readonly Build[]
  readonly needs: readonly Readonly<Record<string, readonly string[]>>[]
}

/** Of all places in their order, newest first of each. */
export async function sourceModules(run: Run): Promise<readonly SourceModule[]> {
  const modules: SourceModule[] = []
  for (const [number, place] of placesOf(run).entries())
    modules.push(...(await Array.fromAsync(modulesAt(number, place))).toSorted(newestFirst))
  return modules
}

async function* modulesAt(number: number, { source }: CopyPlace): AsyncGenerator<SourceModule> {
  for await (const { unit, documents } of source({ types: [modulemdType.id], documents: [moduleDocument] })) {
    const document = documents[moduleDocument] ?? new Uint8Array()
    const artifacts = artifactsIn(document).flatMap((text) => parseBuild(text) ?? [])
    yield { place: number, id: unit.id, ...fieldsOf(unit.metadata), artifacts, needs: dependenciesIn(document) }
  }
}

/** Of all places. */
export async function targetModules(run: Run): Promise<readonly Module[]> {
  const modules: Module[] = []
  for (const { target } of placesOf(run))
    for await (const { unit } of target({ types: [modulemdType.id], fields: modulemdType.keyFields }))
      modules.push(fieldsOf(unit.metadata))
  return modules
}

function fieldsOf(metadata: JsonObject): Module {
  const text = (field: string) => String(metadata[field] ?? '')
  return {
    name: text('name'),
    stream: text('stream'),
    version: text('version'),
    context: text('context'),
    arch: text('arch'),
  }
}

/** One text for one module. */
export function nameOf({ name, stream, version, context, arch }: Module): string {
  return [name, stream, version, context, arch].join(':')
}

/** Versions are numbers of up to twenty digits. */
function newestFirst(one: SourceModule, other: SourceModule): number {
  return (
    other.version.length - one.version.length ||
    Number(one.version < other.version) - Number(one.version > other.version)
  )
}
