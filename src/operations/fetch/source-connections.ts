import type { FileSource } from '../../core/deferred-file.ts'
import { DeckleError } from '../../core/errors.ts'
import { effectiveConfig } from '../../core/importer.ts'
import type { Plugins } from '../../core/plugin.ts'
import type { Downloader, Upstream } from '../../core/upstream.ts'

interface Connection {
  readonly upstream: Upstream
  users: number
  closing: NodeJS.Timeout | undefined
}

export interface ConnectionOptions {
  readonly plugins: Plugins
  /** Called with the first fetch: until then the upstream client need not be in memory. */
  readonly openDownloader: () => Promise<Downloader>
  /** A connection that nobody uses is kept for so long, in milliseconds. */
  readonly idleMs: number
}

/** Connections to the upstreams of importers, one for each config, closed when they have been idle for a while. */
export class SourceConnections {
  readonly #options: ConnectionOptions
  readonly #open = new Map<string, Connection>()
  #downloader: Promise<Downloader> | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  /** Runs `work` with the upstream of a source. Throws kind `upstream` when its importer's type is no longer installed. */
  async use<T>(source: FileSource, work: (upstream: Upstream) => Promise<T>): Promise<T> {
    this.#downloader ??= this.#options.openDownloader()
    const downloader = await this.#downloader
    const key = `${source.importerKey} ${JSON.stringify(source.config)}`
    const connection = this.#open.get(key) ?? this.#connect(downloader, source)
    this.#open.set(key, connection)
    clearTimeout(connection.closing)
    connection.users += 1
    try {
      return await work(connection.upstream)
    } finally {
      connection.users -= 1
      if (connection.users === 0) this.#closeLater(key, connection)
    }
  }

  /** Cuts everything. */
  async close(): Promise<void> {
    const connections = [...this.#open.values()]
    this.#open.clear()
    for (const connection of connections) clearTimeout(connection.closing)
    await Promise.all(connections.map(({ upstream }) => upstream.close()))
  }

  #connect(downloader: Downloader, source: FileSource): Connection {
    const importer = this.#options.plugins.findImporter(source.importerType)
    if (importer === undefined) {
      throw new DeckleError('upstream', `${source.importerType} is not installed`, { code: 'no_importer' })
    }
    const config = importer.config.parse(effectiveConfig(source.config))
    return { upstream: downloader.connect(importer.upstream(config)), users: 0, closing: undefined }
  }

  #closeLater(key: string, connection: Connection): void {
    connection.closing = setTimeout(() => {
      if (this.#open.get(key) === connection) this.#open.delete(key)
      connection.upstream.close().catch(() => undefined)
    }, this.#options.idleMs).unref()
  }
}
