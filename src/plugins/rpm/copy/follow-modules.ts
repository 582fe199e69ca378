import type { CopyRun } from '../../../core/copier.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { Module } from '../errata/advisory.ts'
import { artifactsIn, dependenciesIn } from '../modules/module-lists.ts'
import { moduleDocument, modulemdType } from '../modules/module-types.ts'
import type { CopyOptions } from './copy-options.ts'
import { hasSelected } from './has-selected.ts'
import { parseBuild, type WantedPackages } from './wanted-packages.ts'

interface SourceModule extends Module {
  readonly id: number
  readonly artifacts: readonly string[]
  readonly needs: readonly Readonly<Record<string, readonly string[]>>[]
}

/**
 * Row ids of the modules that were asked for by advisories, and of those that they and the selected ones depend on; the artifacts of
 * all go to `wanted`.
 */
export async function followModules(
  run: CopyRun<CopyOptions>,
  asked: readonly Module[],
  wanted: WantedPackages,
): Promise<ReadonlySet<number>> {
  if (asked.length === 0 && !(await hasSelected(run, modulemdType.id))) return new Set()
  const names = new Set(asked.map(nameOf))
  const isRoot = (module: SourceModule) => run.selected.has(module.id) || names.has(nameOf(module))
  const all = new ModuleWalk(await sourceModules(run), new Set()).from(isRoot)
  const taken = run.options.conservative ? new ModuleWalk([...all], await targetStreams(run)).from(isRoot) : all
  for (const { artifacts } of taken) {
    for (const build of artifacts.map(parseBuild)) if (build !== undefined) wanted.addBuild(build)
  }
  return new Set([...taken].map(({ id }) => id))
}

async function sourceModules(run: CopyRun<CopyOptions>): Promise<readonly SourceModule[]> {
  const modules: SourceModule[] = []
  for await (const { unit, documents } of run.source({ types: [modulemdType.id], documents: [moduleDocument] })) {
    const document = documents[moduleDocument] ?? new Uint8Array()
    const lists = { artifacts: artifactsIn(document), needs: dependenciesIn(document) }
    modules.push({ id: unit.id, ...fieldsOf(unit.metadata), ...lists })
  }
  return modules
}

async function targetStreams(run: CopyRun<CopyOptions>): Promise<ReadonlySet<string>> {
  const streams = new Set<string>()
  for await (const { unit } of run.target({ types: [modulemdType.id], fields: ['name', 'stream'] })) {
    const { name, stream } = fieldsOf(unit.metadata)
    streams.add(streamText(name, stream))
  }
  return streams
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

/** Modules with those that they depend on, as far as the source has them. */
class ModuleWalk {
  readonly #taken = new Set<SourceModule>()
  readonly #modules: readonly SourceModule[]
  /** Streams that the target has, as far as they count. */
  readonly #present: ReadonlySet<string>

  constructor(modules: readonly SourceModule[], present: ReadonlySet<string>) {
    this.#modules = modules.toSorted(newestFirst)
    this.#present = present
  }

  from(isRoot: (module: SourceModule) => boolean): ReadonlySet<SourceModule> {
    for (const module of this.#modules) if (isRoot(module)) this.#taken.add(module)
    // A set that grows while it is walked shows what is added.
    for (const module of this.#taken) this.#follow(module)
    return this.#taken
  }

  /** One of the ways to meet what a module needs: the first that needs nothing more, else the first that the source can serve best. */
  #follow({ needs, arch }: SourceModule): void {
    const ways = needs.map((way) => Object.entries(way).map((need) => this.#providersOf(need, arch)))
    const missing = (way: readonly Providers[]) => way.filter(({ isMet, best }) => !isMet && best === undefined).length
    const [way] = ways.toSorted((one, other) => missing(one) - missing(other))
    for (const { isMet, best } of way ?? []) if (!isMet && best !== undefined) this.#taken.add(best)
  }

  #providersOf([name, streams]: readonly [string, readonly string[]], arch: string): Providers {
    const fitting = this.#modules.filter((module) => module.name === name && isAmong(module.stream, streams))
    const present = [...this.#present].some((text) => {
      const [other = '', stream = ''] = text.split('\0')
      return other === name && isAmong(stream, streams)
    })
    return {
      isMet: present || fitting.some((module) => this.#taken.has(module)),
      best: fitting.find((module) => module.arch === arch) ?? fitting[0],
    }
  }
}

interface Providers {
  readonly isMet: boolean
  readonly best: SourceModule | undefined
}

/** No streams are all, `-1` is any but 1. */
function isAmong(stream: string, streams: readonly string[]): boolean {
  const wanted = streams.filter((one) => !one.startsWith('-'))
  return !streams.includes(`-${stream}`) && (wanted.length === 0 || wanted.includes(stream))
}

function streamText(name: string, stream: string): string {
  return `${name}\0${stream}`
}

function nameOf({ name, stream, version, context, arch }: Module): string {
  return [name, stream, version, context, arch].join(':')
}

/** Versions are numbers of up to twenty digits. */
function newestFirst(one: SourceModule, other: SourceModule): number {
  return other.version.length - one.version.length || (one.version < other.version ? 1 : -1)
}
