import type { Profiler } from './applicability.ts'
import type { Cataloger } from './cataloger.ts'
import type { ContentType } from './content-type.ts'
import type { Distributor } from './distributor.ts'
import { invalid, notFound } from './errors.ts'
import type { GroupDistributor } from './group-distributor.ts'
import type { Importer } from './importer.ts'

/** A content family: everything that Deckle knows of it. */
export interface Plugin {
  readonly name: string
  readonly contentTypes: readonly ContentType[]
  // biome-ignore lint/suspicious/noExplicitAny: each plugin has its own config type; the core hands back what `config.parse` made
  readonly importers: readonly Importer<any>[]
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly distributors: readonly Distributor<any>[]
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly groupDistributors?: readonly GroupDistributor<any>[]
  readonly catalogers?: readonly Cataloger[]
  readonly profilers?: readonly Profiler[]
}

/** The plugins of this server, by what the wire calls their parts. Two of one name are refused with kind `invalid`. */
export class Plugins {
  readonly contentTypes: readonly ContentType[]
  readonly importers: readonly Importer[]
  readonly distributors: readonly Distributor[]
  readonly groupDistributors: readonly GroupDistributor[]
  readonly catalogers: readonly Cataloger[]
  readonly profilers: readonly Profiler[]

  constructor(plugins: readonly Plugin[]) {
    this.contentTypes = plugins.flatMap((plugin) => plugin.contentTypes)
    this.importers = plugins.flatMap((plugin) => plugin.importers)
    this.distributors = plugins.flatMap((plugin) => plugin.distributors)
    this.groupDistributors = plugins.flatMap((plugin) => plugin.groupDistributors ?? [])
    this.catalogers = plugins.flatMap((plugin) => plugin.catalogers ?? [])
    this.profilers = plugins.flatMap((plugin) => plugin.profilers ?? [])
    requireDistinct('content type', plugins, (plugin) => plugin.contentTypes)
    requireDistinct('importer', plugins, (plugin) => plugin.importers)
    requireDistinct('distributor', plugins, (plugin) => plugin.distributors)
    requireDistinct('group distributor', plugins, (plugin) => plugin.groupDistributors ?? [])
    requireDistinct('cataloger', plugins, (plugin) => plugin.catalogers ?? [])
    requireDistinct('profiler', plugins, ({ profilers = [] }) => profilers.map(({ profileType: id }) => ({ id })))
  }

  findImporter(id: string): Importer | undefined {
    return this.importers.find((importer) => importer.id === id)
  }

  /** Throws kind `not-found`. */
  importer(id: string): Importer {
    const importer = this.findImporter(id)
    if (importer === undefined) throw notFound({ importer_type_id: id })
    return importer
  }

  findDistributor(id: string): Distributor | undefined {
    return this.distributors.find((distributor) => distributor.id === id)
  }

  /** Throws kind `not-found`. */
  distributor(id: string): Distributor {
    const distributor = this.findDistributor(id)
    if (distributor === undefined) throw notFound({ distributor_type_id: id })
    return distributor
  }

  findGroupDistributor(id: string): GroupDistributor | undefined {
    return this.groupDistributors.find((distributor) => distributor.id === id)
  }

  /** Throws kind `not-found`. */
  groupDistributor(id: string): GroupDistributor {
    const distributor = this.findGroupDistributor(id)
    if (distributor === undefined) throw notFound({ distributor_type_id: id })
    return distributor
  }
}

function requireDistinct(
  noun: string,
  plugins: readonly Plugin[],
  partsOf: (plugin: Plugin) => readonly { readonly id: string }[],
): void {
  const owners = new Map<string, string>()
  for (const plugin of plugins) {
    for (const { id } of partsOf(plugin)) {
      const owner = owners.get(id)
      if (owner !== undefined) throw invalid(`the plugins ${owner} and ${plugin.name} both bring the ${noun} ${id}`)
      owners.set(id, plugin.name)
    }
  }
}
