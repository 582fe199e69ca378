import type { FileSource } from '../../core/deferred-file.ts'
import { DeckleError } from '../../core/errors.ts'
import { effectiveConfig } from '../../core/importer.ts'
import type { Plugins } from '../../core/plugin.ts'
import type { Upstream, UpstreamSettings } from '../../core/upstream.ts'
import { type IdleConnectionOptions, IdleConnections } from './idle-connections.ts'

export interface ConnectionOptions extends IdleConnectionOptions {
  readonly plugins: Plugins
}

/** Connections to the upstreams of importers, one for each config. */
export class SourceConnections {
  readonly #plugins: Plugins
  readonly #connections: IdleConnections

  constructor({ plugins, ...options }: ConnectionOptions) {
    this.#plugins = plugins
    this.#connections = new IdleConnections(options)
  }

  /** Runs `work` with the upstream of a source. Throws kind `upstream` when its importer's type is no longer installed. */
  use<T>(source: FileSource, work: (upstream: Upstream) => Promise<T>): Promise<T> {
    const name = `${source.importerKey} ${JSON.stringify(source.config)}`
    return this.#connections.use(name, () => this.#settings(source), work)
  }

  /** Cuts everything. */
  close(): Promise<void> {
    return this.#connections.close()
  }

  #settings(source: FileSource): UpstreamSettings {
    const importer = this.#plugins.findImporter(source.importerType)
    if (importer === undefined) {
      throw new DeckleError('upstream', `${source.importerType} is not installed`, { code: 'no_importer' })
    }
    return importer.upstream(importer.config.parse(effectiveConfig(source.config)))
  }
}
